have mise
