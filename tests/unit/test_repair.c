/* Each defect alone: what is noted, where, and that the repaired text is the good one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"
#include "pem.h"
#include "repair/repair.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An Ed25519 key in PKCS#8 (RFC 8410 10.3) and an RSA key of no use; short, and each a whole DER
 * element. */
#define K1 "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
#define KB "-----BEGIN PRIVATE KEY-----"
#define KE "-----END PRIVATE KEY-----"
#define GOOD KB "\n" K1 "\n" KE "\n"
/* SEC1: SEQUENCE { 1, 32 octets }: 39 bytes, no padding; two more make one "=". */
#define E1 "MCUCAQEEIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
#define EB "-----BEGIN EC PRIVATE KEY-----"
#define EE "-----END EC PRIVATE KEY-----"
#define GOOD_EC EB "\n" E1 "\n" EE "\n"
/* PKCS#8 with a seed of 31 octets: 47 bytes, one "=". */
#define P1 "MC0CAQAwBQYDK2VwBCEEHwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define GOOD_P KB "\n" P1 "\n" KE "\n"

static const struct {
    const char *in;
    size_t in_len; /* 0: up to the NUL */
    const char *out;
    const char *notes; /* "rule@offset*count" in order; "!" in front: not repaired */
    const char *reason;
} rows[] = {
    {GOOD, 0, GOOD, "", "canonical text is left alone"},
    {GOOD_EC, 0, GOOD_EC, "", "SEC1"},
    {GOOD_P, 0, GOOD_P, "", "one padding character"},
    {"\xef\xbb\xbf" GOOD, 0, GOOD, "UTF8_BOM@0*1", "byte order mark"},
    {KB "\n" K1 "\n\0" KE "\n", sizeof(KB K1 KE) + 3, GOOD, "NUL_BYTES@93*1", "NUL between lines"},
    {KB "\r\n" K1 "\r\n" KE "\r\n", 0, GOOD, "CRLF@27*3", "CR LF"},
    {KB "\r" K1 "\r" KE "\r", 0, GOOD, "BARE_CR@27*3", "CR"},
    {KB "\n\n" K1 "\n" KE "\n", 0, GOOD, "BLANK_LINES@28*1", "blank line"},
    {KB "\n" K1 " \t\n" KE "\n", 0, GOOD, "WHITE_SPACE@93*1", "trailing white space"},
    {KB "\n" K1 "\n" KE, 0, GOOD, "WHITE_SPACE@117*1", "no line end at the end"},
    {"\n" GOOD "\n\n", 0, GOOD, "WHITE_SPACE@0*2", "blank lines around"},
    {KB "\n" K1 "\xc2\xa0\n" KE "\n", 0, GOOD, "WHITE_SPACE@92*1 UNICODE_SPACE@92*1",
     "no-break space"},
    {KB "\n\xe2\x80\x8b" K1 "\n" KE "\n", 0, GOOD, "UNICODE_SPACE@28*1", "zero-width space"},
    {"\xe2\x80\x94\xe2\x80\x94-BEGIN PRIVATE KEY-----\n" K1 "\n" KE "\n", 0, GOOD,
     "TYPOGRAPHIC@0*2", "em dashes"},
    {"\x97\x97-BEGIN PRIVATE KEY-----\n" K1 "\n" KE "\n", 0, GOOD, "TYPOGRAPHIC@0*2",
     "Windows-1252"},
    {GOOD_EC KB "\n" K1 "\n" KE KB "\n" K1 "\n" KE "\n", 0, GOOD_EC GOOD,
     "GLUED@231*1 DUPLICATE_BLOCK@231*1", "twice, and glued"},
    {EB "\n" E1 "\n" EE KB "\n" K1 "\n" KE "\n", 0, GOOD_EC GOOD, "GLUED@112*1",
     "END and BEGIN glued"},
    {"x " GOOD, 0, GOOD, "EXPLANATORY_TEXT@0*1 GLUED@2*1", "text before BEGIN on its line"},
    {KB K1 "\n" KE "\n", 0, GOOD, "GLUED@27*1", "base64 glued to BEGIN"},
    {KB "\n" K1 KE "\n", 0, GOOD, "GLUED@92*1", "base64 glued to END"},
    {KB " " K1 " " KE "\n", 0, GOOD, "FLATTENED@27*1", "line ends turned into spaces"},
    {KB K1 KE "\n", 0, GOOD, "FLATTENED@27*1", "line ends dropped"},
    {KB "\\n" K1 "\\n" KE "\\n", 0, GOOD, "ESCAPED_NEWLINES@27*3", "literal \\n"},
    {KB "\\\\n" K1 "\\\\n" KE "\n", 0, GOOD, "ESCAPED_NEWLINES@27*2", "doubled \\\\n"},
    {KB "\\r\\n" K1 "\\r\\n" KE "\n", 0, GOOD, "ESCAPED_NEWLINES@27*2", "\\r\\n is one line end"},
    {"\"" KB "\\n" K1 "\\n" KE "\\n\"", 0, GOOD, "QUOTED@0*1 ESCAPED_NEWLINES@28*3",
     "a JSON string"},
    {KB "\\n"
        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp\\u002bK06\\/nwoy\\/HU\\u002B\\u002bCXqI9EdVhC"
        "\\n" KE "\n",
     0, GOOD, "ESCAPED_NEWLINES@27*7", "JSON escapes of + and /"},
    {"'" KB "\n" K1 "\n" KE "'\n", 0, GOOD, "QUOTED@0*1", "a shell string"},
    {"\"" KB "\" +\n\"" K1 "\" +\n\"" KE "\";\n", 0, GOOD, "QUOTED@0*1 EXPLANATORY_TEXT@128*1",
     "strings that a program joins; their + is not base64"},
    {"  " KB "\n  " K1 "\n  " KE "\n", 0, GOOD, "LINE_PREFIX@0*3", "indented"},
    {"> " KB "\n> " K1 "\n> " KE "\n", 0, GOOD, "LINE_PREFIX@0*3", "quoted in a mail"},
    {"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1DNENBUUF3QlFZREsyVndCQ0lFSU5UdWN0djVFMWhLMWJiWThmZHArS"
     "zA2"
     "L253b3kvSFUrK0NYcUk5RWRWaEMKLS0tLS1FTkQgUFJJVkFURSBLRVktLS0tLQo=",
     0, GOOD, "BASE64_WRAPPED@0*1", "base64 of the file"},
    {"a: "
     "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1DNENBUUF3QlFZREsyVndCQ0lFSU5UdWN0djVFMWhLMWJiWThmZHArS"
     "zA2"
     "L253b3kvSFUrK0NYcUk5RWRWaEMKLS0tLS1FTkQgUFJJVkFURSBLRVktLS0tLQo=\nb: c\n",
     0, GOOD, "EXPLANATORY_TEXT@0*2 BASE64_WRAPPED@3*1", "a Kubernetes secret"},
    {"&#45;&#x2d;---BEGIN PRIVATE KEY-----<br>\n" K1 "<br/>" KE "\n", 0, GOOD,
     "HTML_ENTITIES@0*4 BLANK_LINES@40*1", "HTML"},
    {"-----BEGIN%20PRIVATE%20KEY-----%0AMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp%2BK06%2Fnwoy%2FHU%"
     "2B%2bCXqI9EdVhC"
     "%0A-----END%20PRIVATE%20KEY-----%0A",
     0, GOOD, "PERCENT_ENCODED@10*12", "percent-encoded"},
    {"-----BEGIN+PRIVATE+KEY-----%0AMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp%2BK06%2Fnwoy%2FHU%2B%"
     "2bCXqI9EdVhC"
     "%0A-----END+PRIVATE+KEY-----%0A",
     0, GOOD, "PERCENT_ENCODED@10*12", "a web form: + is a space"},
    {KB "\nMC4CAQAwBQYDK2VwBCIE\nINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n" KE "\n", 0, GOOD,
     "LINE_LENGTH@28*1", "other columns"},
    {"-----BEGIN private key-----\n" K1 "\n" KE "\n", 0, GOOD, "LABEL_UNUSUAL@0*1", "lower case"},
    {"-----BEGIN PRIVAT KEY-----\n" K1 "\n-----END PRIVAT KEY-----\n", 0, GOOD, "LABEL_UNUSUAL@0*1",
     "misspelt"},
    {"-----BEGINPRIVATEKEY-----\n" K1 "\n-----ENDPRIVATEKEY-----\n", 0, GOOD, "LABEL_UNUSUAL@0*1",
     "spaces dropped"},
    {"-----BEGIN  PRIVATE KEY-----\n" K1 "\n" KE "\n", 0, GOOD, "LABEL_UNUSUAL@0*1",
     "a space too many"},
    {EB "\n" K1 "\n" EE "\n", 0, GOOD, "LABEL_MISMATCH@0*1", "PKCS#8 labelled as SEC1"},
    {KB "\n" E1 "\n" KE "\n", 0, GOOD_EC, "LABEL_MISMATCH@0*1", "SEC1 labelled as PKCS#8"},
    {KB "\n" K1 "\n-----END CERTIFICATE-----\n", 0, GOOD, "LABEL_MISMATCH@0*1", "END of another"},
    {"----BEGIN PRIVATE KEY-----\n" K1 "\n" KE "-\n", 0, GOOD, "DASHES@0*2", "four and six dashes"},
    {"BEGIN PRIVATE KEY-----\n" K1 "\n" KE "\n", 0, GOOD, "DASHES@0*1", "no dashes in front"},
    {"-----BEGIN PRIVATE KEY\n" K1 "\n-----END PRIVATE KEY\n", 0, GOOD, "DASHES@0*2",
     "no dashes behind"},
    {KB "\n" K1 "\n", 0, GOOD, "END_MISSING@92*1", "END is missing at the end"},
    {KB "\n" K1 "\n" EB "\n" E1 "\n" EE "\n", 0, GOOD GOOD_EC, "END_MISSING@92*1",
     "END is missing in the middle"},
    {KB "\n" K1 "\nRegards\n", 0, GOOD, "END_MISSING@92*1 EXPLANATORY_TEXT@93*1",
     "text behind whole DER"},
    {K1 "\n" KE "\n", 0, GOOD, "BEGIN_MISSING@0*1", "BEGIN is missing"},
    {"Regards\n" K1 "\n" KE "\n", 0, GOOD, "EXPLANATORY_TEXT@0*1 BEGIN_MISSING@8*1",
     "a word that could be base64 stands before it"},
    {K1 "\n", 0, GOOD, "BEGIN_MISSING@0*1 END_MISSING@64*1", "base64 of DER alone"},
    {KB "\nMC0CAQAwBQYDK2VwBCEEHwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n" KE "\n", 0, GOOD_P,
     "PADDING_MISSING@92*1", "no padding"},
    {KB "\n" P1 "==\n" KE "\n", 0, GOOD_P, "LINE_LENGTH@28*1 PADDING_EXCESS@91*1", "three for one"},
    {KB "\n" K1 "=\n" KE "\n", 0, GOOD, "LINE_LENGTH@28*1 PADDING_EXCESS@92*1", "one for none"},
    {KB "\nMC0CAQAwBQYDK2VwBCEEHwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n" KE "\n", 0, GOOD_P,
     "TRAILING_BITS@93*1", "bits behind the last octet"},
    {"Bag Attributes\n" GOOD "x\n", 0, GOOD, "EXPLANATORY_TEXT@0*2", "text around"},
    {"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" GOOD, 0, GOOD,
     "!EC_PARAMETERS@0*1", "EC PARAMETERS"},
    {"-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQI=\n-----END DH PARAMETERS-----\n" GOOD, 0, GOOD,
     "!DH_PARAMETERS@0*1", "DH parameters"},
    {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n" GOOD,
     0, GOOD, "!OPENSSH_KEY@0*1", "OpenSSH"},
    {"ssh-rsa AAAAB3Nza x\n" GOOD, 0, GOOD, "!OPENSSH_KEY@0*1", "OpenSSH, one line"},
    {"-----BEGIN PGP MESSAGE-----\nVersion: x\n\nabc\n=abcd\n-----END PGP MESSAGE-----\n" GOOD, 0,
     GOOD, "!PGP@0*1", "OpenPGP"},
    {"PuTTY-User-Key-File-2: ssh-ed25519\nEncryption: none\n" GOOD, 0, GOOD, "!PUTTY_KEY@0*1",
     "PuTTY"},
    {"-----BEGIN PUBLIC KEY-----\nMAsw\n-----END PUBLIC KEY-----\n", 0, "", "!PUBLIC_KEY@0*1",
     "a public key"},
    {"-----BEGIN X509 CRL-----\nMAsw\n-----END X509 CRL-----\n", 0, "", "!CRL@0*1",
     "a revocation list"},
    {"-----BEGIN CERTIFICATE REQUEST-----\nMAsw\n-----END CERTIFICATE REQUEST-----\n", 0, "",
     "!REQUEST@0*1", "a request"},
    {GOOD "\0\0\0\0\0\0\0\0\0", sizeof(GOOD) + 8, GOOD, "ZERO_FILLED@119*1", "zeros behind"},
    {KB "\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp K06/nwoy/HU  CXqI9EdVhC\n" KE "\n", 0, "",
     "!AMBIGUOUS@68*1", "a web form has turned + into spaces"},
    /* beyond repair */
    {KB "\nMC4CAQAwBQYDK2VwBCIE\n", 0, "", "!PEM_BROKEN@0*1", "cut off"},
    {KB "\nMC4CAQAwBQYDK2VwBCIE\\n\n" KE "\n", 0, "", "!PEM_BROKEN@0*1 ESCAPED_NEWLINES@48*1",
     "escapes, and the DER is not whole"},
    {KB "\nMC4C*QAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n" KE "\n", 0, "",
     "!PEM_BASE64@32*1", "a character that is not base64 is never dropped"},
    {KB "\n" KE "\n", 0, "", "!PEM_BASE64@0*1", "empty"},
    {KB "\n" P1 "AAAA\n" KE "\n", 0, "", "!PEM_BASE64@92*1", "data behind the padding"},
    {"-----BEGIN FOO-----\n" K1 "\n-----END BAR-----\n", 0, GOOD, "LABEL_UNUSUAL@0*1",
     "the content alone says what it is"},
    {"-----BEGIN FOO-----\nMAYCAQcCAQI=\n-----END BAR-----\n", 0, "", "!PEM_BROKEN@0*1",
     "nothing says what it is"},
    {"no PEM at all\n", 0, "", "", "text"},
    {"--- Begin of message ---\nx\n--- End of message ---\n", 0, "", "", "prose between dashes"},
    /* not DER, but only white space to mend: the DER reader says what is wrong */
    {KB "\r\nAAAA\r\n" KE "\r\n", 0, KB "\nAAAA\n" KE "\n", "CRLF@27*3", "left to the DER reader"},
};

static const char *const names[] = {
#define CHECK(name, id, group, severity, source, meaning, help) #name,
#include "checks.def"
#undef CHECK
};

static void list_notes(char *out, size_t size, const struct cp_repair *repair) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < repair->num_notes && used < size; i++) {
        const struct cp_repair_note *note = &repair->notes[i];
        used += (size_t)snprintf(out + used, size - used, "%s%s%s@%zu*%zu", i == 0 ? "" : " ",
                                 note->repaired ? "" : "!", names[note->check], note->offset,
                                 note->count);
    }
}

static void check_twice(const struct cp_repair *first) {
    struct cp_repair again;
    struct cp_span text = {first->text.data, first->text.len};
    assert_int_equal(cp_repair_run(&again, text, NULL), CP_OK);
    assert_int_equal(again.num_notes, 0);
    assert_int_equal(again.num_blocks, first->num_blocks);
    assert_true(cp_span_equal((struct cp_span){again.text.data, again.text.len}, text));
    cp_repair_cleanup(&again);
}

static void test_each_defect(void **state) {
    size_t failed = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_repair repair;
        char notes[512];
        size_t len = rows[i].in_len != 0 ? rows[i].in_len : strlen(rows[i].in);
        struct cp_span in = {(const uint8_t *)rows[i].in, len};
        assert_int_equal(cp_repair_run(&repair, in, NULL), CP_OK);
        list_notes(notes, sizeof(notes), &repair);
        if (strcmp(notes, rows[i].notes) != 0) {
            print_error("%s: want notes \"%s\", got \"%s\"\n", rows[i].reason, rows[i].notes,
                        notes);
            failed++;
        }
        struct cp_span text = {repair.text.data, repair.text.len};
        if (!cp_span_equal(text, cp_span_of(rows[i].out))) {
            print_error("%s: other text:\n%.*s\n", rows[i].reason, (int)text.len,
                        (const char *)text.data);
            failed++;
        }
        static uint8_t scratch[1 << 16];
        assert_true(cp_base64_max(in.len) <= sizeof(scratch));
        assert_int_equal(cp_repair_is_canonical(in, scratch),
                         rows[i].notes[0] == '\0' && rows[i].out[0] != '\0');
        check_twice(&repair);
        cp_repair_cleanup(&repair);
    }
    assert_int_equal(failed, 0);
}

/* UTF-16 has its own test: every byte of it has a zero beside it. */
static void test_utf16(void **state) {
    (void)state;
    for (int form = 0; form < 4; form++) {
        uint8_t wide[2 * sizeof(GOOD) + 2];
        struct cp_repair repair;
        size_t len = 0, big = form % 2 != 0;
        if (form & 2) {
            wide[len++] = big ? 0xfe : 0xff;
            wide[len++] = big ? 0xff : 0xfe;
        }
        for (size_t i = 0; i + 1 < sizeof(GOOD); i++) {
            wide[len + big] = (uint8_t)GOOD[i];
            wide[len + 1 - big] = 0;
            len += 2;
        }
        assert_int_equal(cp_repair_run(&repair, (struct cp_span){wide, len}, NULL), CP_OK);
        assert_int_equal(repair.num_notes, 1);
        assert_int_equal(repair.notes[0].check, CP_CHECK_UTF16);
        assert_true(
            cp_span_equal((struct cp_span){repair.text.data, repair.text.len}, cp_span_of(GOOD)));
        assert_int_equal(repair.blocks[0].offset, 0);
        assert_int_equal(repair.blocks[0].input_offset, form & 2 ? 2 : 0);
        cp_repair_cleanup(&repair);
    }
}

/* Blocks know where they were, through two layers. */
static void test_places(void **state) {
    static const char in[] = "{\"a\": \"" EB "\\n" E1 "\\n" EE "\\n" KB "\\n" K1 "\\n" KE "\\n\"}";
    struct cp_repair repair;
    (void)state;
    assert_int_equal(cp_repair_run(&repair, cp_span_of(in), NULL), CP_OK);
    assert_int_equal(repair.num_blocks, 2);
    assert_int_equal(repair.blocks[0].input_offset, 7);
    assert_memory_equal(in + repair.blocks[1].input_offset, KB, sizeof(KB) - 1);
    assert_memory_equal(repair.text.data + repair.blocks[1].offset, KB, sizeof(KB) - 1);
    cp_repair_cleanup(&repair);
}

/* Headers of an encrypted key are kept; what can't be proven is refused. */
static void test_encrypted(void **state) {
#define HEAD "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
#define BODY                                                                                       \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAA==\n"
    static const char good[] = EB "\n" HEAD BODY EE "\n";
    static const struct {
        const char *in, *notes;
        bool kept;
        const char *reason;
    } cases[] = {
        {EB "\n" HEAD BODY EE "\n", "", true, "as it should be"},
        {EB "\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: "
            "AES-128-CBC,00112233445566778899AABBCCDDEEFF\r\n\r\n" BODY EE "\r\n",
         "CRLF@30*5", true, "CR LF"},
        {EB "\n" HEAD BODY, "!PEM_BROKEN@0*1", false, "no END: nothing proves that it is whole"},
        {"-----BEGIN ec private key-----\n" HEAD BODY EE "\n", "!PEM_BROKEN@0*1", false,
         "nothing proves the label"},
        {EB "\n" HEAD "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" EE "\n",
         "!PEM_BASE64@167*1", false, "no whole cipher blocks"},
        {EB "\n" HEAD "AAAAAAAAAAAAAAAAAAAAAA "
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAA==\n" EE "\n",
         "!AMBIGUOUS@132*1", false, "a space may have been a +"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cp_repair repair;
        char notes[256];
        assert_int_equal(cp_repair_run(&repair, cp_span_of(cases[i].in), NULL), CP_OK);
        list_notes(notes, sizeof(notes), &repair);
        if (strcmp(notes, cases[i].notes) != 0)
            fail_msg("%s: want notes \"%s\", got \"%s\"", cases[i].reason, cases[i].notes, notes);
        assert_true(cp_span_equal((struct cp_span){repair.text.data, repair.text.len},
                                  cases[i].kept ? cp_span_of(good) : cp_span_of("")));
        check_twice(&repair);
        cp_repair_cleanup(&repair);
    }
}

static void test_limits(void **state) {
    struct cp_repair repair;
    struct cp_error err = {CP_OK, 0, 0, ""};
    static uint8_t large[CP_MAX_FILE_LEN + 1];
    (void)state;
    assert_int_equal(cp_repair_run(&repair, (struct cp_span){large, sizeof(large)}, &err),
                     CP_ERR_LIMIT);
    cp_repair_cleanup(&repair);
    size_t used = 0;
    for (size_t i = 0; i <= CP_MAX_BLOCKS; i++, used += sizeof(GOOD) - 1)
        memcpy(large + used, GOOD, sizeof(GOOD) - 1);
    assert_int_equal(cp_repair_run(&repair, (struct cp_span){large, used}, &err), CP_ERR_LIMIT);
    cp_repair_cleanup(&repair);
    assert_int_equal(cp_repair_run(&repair, (struct cp_span){NULL, 0}, &err), CP_OK);
    assert_int_equal(repair.num_blocks + repair.num_notes, 0);
    cp_repair_cleanup(&repair);
    cp_repair_cleanup(NULL);
}

/* No message has a piece of the key in it, whatever stands where a label should. */
static void test_no_secret_in_messages(void **state) {
    static const char *const inputs[] = {
        "-----BEGIN PRIVATE KEY " K1 "-----\n",
        "-----BEGIN " K1 "-----\n" K1 "\n-----END " K1 "-----\n",
        "-----BEGIN PRIVATE KEY-----\n" K1 "*\n-----END KEY " K1 "-----\n",
        KB K1 "-----END",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(inputs); i++) {
        struct cp_repair repair;
        assert_int_equal(cp_repair_run(&repair, cp_span_of(inputs[i]), NULL), CP_OK);
        for (size_t j = 0; j < repair.num_notes; j++)
            for (size_t k = 0; k + 8 < sizeof(K1); k++) {
                char piece[9] = {0};
                memcpy(piece, &K1[k], 8);
                assert_null(strstr(repair.notes[j].message, piece));
            }
        cp_repair_cleanup(&repair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_defect), cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_places),      cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_no_secret_in_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
