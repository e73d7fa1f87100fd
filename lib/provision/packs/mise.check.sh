works mise
