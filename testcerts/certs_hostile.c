/* Certificates whose names attack what shows them: CI systems, browsers, terminals, readers. */
#include "certs.h"

#define LEAF(row_name, common_name)                                                                \
    .name = "hostile-" row_name, .subject = "CN=" common_name, .key = "ec-leaf",                   \
    .issuer = "ec-intermediate"

extern const struct tc_cert_row tc_hostile_cert_rows[];
extern const size_t tc_num_hostile_cert_rows;

const struct tc_cert_row tc_hostile_cert_rows[] = {
    {LEAF("command", "::error file=a,line=1::pwned%0A%0D::add-mask::x"),
     .san = "DNS:shop.acme.example,DNS:%0a::set-output name=x::pwned,DNS:::warning::pwned"},
    {LEAF("brackets", "##[error]pwned ##vso[task.complete]##teamcity[x]"),
     .san = "DNS:shop.acme.example,DNS:##[add-mask]shop"},
    {LEAF("markup", "<img src=x onerror=alert(1)>\"'`&lt;]]>--><!--"),
     .san = "DNS:shop.acme.example,DNS:%3c%2fscript%3e%3cscript%3ealert(1)%3c%2fscript%3e"
            ",DNS:%3c%2ftext%3e]]%3e%3cfailure%2f%3e"},
    {LEAF("quotes", "\\\",\"severity\":\"none\"} \\\\n \\u0022 $(id) `id`"),
     .san = "DNS:shop.acme.example,DNS:a\"} 1%0acertprep_evil 1"},
    /* escape, bell, right-to-left override, line feeds, DEL, C1, no character, no UTF-8 */
    {LEAF("terminal", "\x1b[31m\x07\xe2\x80\xae"
                      "gpj\n\r\n\x7f\xc2\x9b"
                      "31m\xef\xbf\xbe"),
     .san = "DNS:shop.acme.example,DNS:%1b]0;pwned%07%c2%85%e2%80%a8x%ff%fe"},
    {LEAF("utf8", "\xff\xfe\xc0\x80\x1b]0;pwned\x07"), .san = "DNS:shop.acme.example"},
};
const size_t tc_num_hostile_cert_rows =
    sizeof tc_hostile_cert_rows / sizeof tc_hostile_cert_rows[0];
