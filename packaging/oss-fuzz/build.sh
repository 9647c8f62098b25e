#!/bin/bash -eu
# Builds the fuzz targets with OSS-Fuzz's compiler and flags into $OUT, each with its seeds and its
# dictionary. FUZZ_TARGETS names some of them only.
source=${SRC:?}/certprep
build=${WORK:?}/build
fuzz=$source/tests/fuzz
# The machines that run them have no libraries: those lie beside the programs.
# shellcheck disable=SC2016  # the loader expands it
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_COMPILER="${CC:?}" \
    -DCMAKE_C_FLAGS="${CFLAGS:-}" -DCERTPREP_FUZZ=ON -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON \
    -DCMAKE_INSTALL_RPATH='$ORIGIN/lib' >"$WORK/cmake.log"
targets=${FUZZ_TARGETS:-$(cd "$fuzz" && printf '%s\n' fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')}
programs=(fuzz_split)
for name in $targets; do programs+=("fuzz_$name"); done
cmake --build "$build" --target "${programs[@]}"
mkdir -p "$OUT/lib" "$WORK/der"
"$build/tests/fuzz/fuzz_split" "$WORK/der" "$source"/testcerts/{good,bad,trust,keys}/*.pem
for name in $targets; do
    program=$build/tests/fuzz/fuzz_$name
    cp "$program" "$OUT/fuzz_$name"
    ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | grep -vE '/(libc|libm|libpthread|libdl|librt|libgcc_s)\.so' |
        while read -r library; do cp -nL "$library" "$OUT/lib/"; done
    seeds=("$source"/testcerts/{good,bad,mangled} "$WORK/der")
    [[ ! -d $fuzz/seeds/$name ]] || seeds=("$fuzz/seeds/$name")
    rm -f "$OUT/fuzz_${name}_seed_corpus.zip"
    (cd "$WORK" && zip -q -r -j "$OUT/fuzz_${name}_seed_corpus.zip" "${seeds[@]}" -x '*.md')
    [[ ! -f $fuzz/$name.dict ]] || cp "$fuzz/$name.dict" "$OUT/fuzz_$name.dict"
    printf '[libfuzzer]\nmax_len = 65536\ntimeout = 20\n' >"$OUT/fuzz_$name.options"
done
