have pi
