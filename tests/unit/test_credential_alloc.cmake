# The calls of the static libraries go through the test's own functions, which can fail on demand.
foreach(function IN ITEMS malloc calloc strdup mmap)
    target_link_options(test_credential_alloc PRIVATE LINKER:--wrap=${function})
endforeach()
