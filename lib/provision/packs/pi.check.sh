works pi
