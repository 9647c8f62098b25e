# The calls of the static libraries go through the test's own function, which can fail on demand.
target_link_options(test_task_alloc PRIVATE LINKER:--wrap=calloc LINKER:--wrap=mmap)
