/* What the service answers, and how each fault bends it. */
#include "api.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { HUGE_LEN = 2 * 1024 * 1024, SKEW_S = 3600 };

static const char json_type[] = "application/json;charset=utf-8";
static const char html_502[] = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
                               "<center><h1>502 Bad Gateway</h1></center>\r\n"
                               "<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n";

/* The server's own view of what was signed, as the real service quotes it: query, key and all. */
static void add_echo(struct esa_emu_buf *message, const struct esa_emu_call *call) {
    esa_emu_buf_text(message, " server StringToSign is [");
    esa_emu_buf_text(message, call->string_to_sign);
    esa_emu_buf_text(message, "] server CanonicalRequest is [");
    esa_emu_buf_add(message, call->canonical.data, call->canonical.len);
    esa_emu_buf_text(message, "]");
}

static void build_error(struct esa_emu_reply *reply, const struct esa_emu_call *call,
                        const struct esa_emu_error_row *row, bool echo, bool lower_camel) {
    struct esa_emu_buf message = {.max = ESA_EMU_MAX_REPLY}, link = {.max = 1024};
    struct esa_emu_buf *body = &reply->body;
    esa_emu_buf_text(&message, row->message);
    if (echo)
        add_echo(&message, call);
    esa_emu_buf_printf(&link, "https://api.aliyun.com/troubleshoot?q=%s&product=ESA&requestId=%s",
                       row->code, call->request_id);
    reply->status = row->status;
    reply->code = row->code;
    if (message.failed || link.failed) {
        body->failed = true;
    } else {
        esa_emu_buf_text(body, "{");
        esa_emu_json_text(body, lower_camel ? "requestId" : "RequestId", call->request_id);
        esa_emu_json_text(body, lower_camel ? "message" : "Message", message.data);
        esa_emu_json_text(body, lower_camel ? "recommend" : "Recommend", link.data);
        esa_emu_json_text(body, lower_camel ? "hostId" : "HostId", call->host);
        esa_emu_json_text(body, lower_camel ? "code" : "Code", row->code);
        esa_emu_buf_text(body, "}");
    }
    esa_emu_buf_cleanup(&message);
    esa_emu_buf_cleanup(&link);
}

static void build_xml(struct esa_emu_reply *reply, const struct esa_emu_call *call,
                      const struct esa_emu_error_row *row) {
    reply->status = row->status;
    reply->code = row->code;
    reply->content_type = "text/xml;charset=utf-8";
    /* Every value is from a table or of a checked alphabet; an apostrophe may stand as it is. */
    esa_emu_buf_printf(
        &reply->body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><RequestId>%s</RequestId>"
        "<HostId>%s</HostId><Code>%s</Code><Message>%s</Message></Error>\n",
        call->request_id, call->host, row->code, row->message);
}

/* The honest answer. */
static void build_plain(struct esa_emu_reply *reply, const struct esa_emu_call *call,
                        enum esa_emu_fault_kind kind) {
    struct esa_emu_buf *body = &reply->body;
    if (call->retry_after_ms > 0)
        esa_emu_buf_printf(&reply->headers, "x-acs-retry-after: %" PRId64 "\r\n",
                           call->retry_after_ms);
    if (call->code != ESA_EMU_ACCEPTED) {
        build_error(reply, call, esa_emu_error_get(call->code), call->echo, false);
        return;
    }
    esa_emu_buf_text(body, "{");
    esa_emu_json_text(body, "RequestId", call->request_id);
    if (kind == ESA_EMU_FAULT_HUGE_BODY) {
        esa_emu_json_open(body, "Padding", "\"");
        if (esa_emu_buf_reserve(body, HUGE_LEN)) {
            memset(body->data + body->len, 'x', HUGE_LEN);
            body->len += HUGE_LEN;
            body->data[body->len] = '\0';
        }
        esa_emu_buf_text(body, "\"");
    }
    if (call->result.len != 0) {
        esa_emu_buf_text(body, ",");
        esa_emu_buf_add(body, call->result.data, call->result.len);
    }
    esa_emu_buf_text(body, "}");
    if (call->result.failed)
        body->failed = true;
}

static void bend(struct esa_emu_reply *reply, const struct esa_emu_call *call,
                 const struct esa_emu_fault *fault) {
    const struct esa_emu_error_row *row = esa_emu_error_get(fault->code);
    const struct esa_emu_error_row unknown = {"Foo.Bar", 400, "An error of the emulator's own."};
    switch (fault->kind) {
    case ESA_EMU_FAULT_THROTTLED:
        esa_emu_buf_printf(&reply->headers, "x-acs-retry-after: %u\r\n", fault->number);
        build_error(reply, call, row, false, false);
        break;
    case ESA_EMU_FAULT_SKEWED_DATE:
        reply->date_s += SKEW_S;
        build_error(reply, call, row, false, false);
        break;
    case ESA_EMU_FAULT_ERROR:
    case ESA_EMU_FAULT_ERROR_AFTER:
        build_error(reply, call, row, false, false);
        break;
    case ESA_EMU_FAULT_OK_WITH_CODE:
        build_error(reply, call, row, false, false);
        reply->status = 200;
        break;
    case ESA_EMU_FAULT_LOWER_CAMEL:
        build_error(reply, call, row, false, true);
        break;
    case ESA_EMU_FAULT_ECHO_SIGNATURE:
        build_error(reply, call, row, true, false);
        break;
    case ESA_EMU_FAULT_UNKNOWN_CODE:
        build_error(reply, call, &unknown, false, false);
        break;
    case ESA_EMU_FAULT_XML:
        build_xml(reply, call, row);
        break;
    case ESA_EMU_FAULT_HTML502:
    case ESA_EMU_FAULT_HTML502_AFTER:
        reply->status = 502;
        reply->content_type = "text/html";
        esa_emu_buf_text(&reply->body, html_502);
        break;
    default:
        build_plain(reply, call, fault->kind);
        break;
    }
}

void esa_emu_reply_build(struct esa_emu_reply *reply, const struct esa_emu_call *call,
                         const struct esa_emu_fault *fault, int64_t now_s) {
    *reply = (struct esa_emu_reply){.status = 200,
                                    .content_type = json_type,
                                    .headers = {.max = 4096},
                                    .body = {.max = ESA_EMU_MAX_REPLY},
                                    .code = "-",
                                    .date_s = now_s};
    esa_emu_buf_printf(&reply->headers, "x-acs-request-id: %s\r\n", call->request_id);
    bend(reply, call, fault);
    reply->claimed_len = reply->body.len;
    if (fault->kind == ESA_EMU_FAULT_EMPTY_200 && reply->status == 200) {
        reply->body.len = reply->claimed_len = 0;
    } else if (fault->kind == ESA_EMU_FAULT_BAD_JSON) {
        reply->body.len /= 2;
        reply->claimed_len = reply->body.len;
    } else if (fault->kind == ESA_EMU_FAULT_CUT_JSON) {
        reply->body.len /= 2;
        reply->close = true;
    }
}

void esa_emu_reply_head(struct esa_emu_buf *out, const struct esa_emu_reply *reply) {
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm at = {0};
    time_t date = (time_t)reply->date_s;
    esa_emu_buf_printf(out, "HTTP/1.1 %d %s\r\n", reply->status,
                       esa_emu_http_reason(reply->status));
    if (gmtime_r(&date, &at) != NULL)
        esa_emu_buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", days[at.tm_wday],
                           at.tm_mday, months[at.tm_mon], at.tm_year + 1900, at.tm_hour, at.tm_min,
                           at.tm_sec);
    if (reply->content_type != NULL)
        esa_emu_buf_printf(out, "Content-Type: %s\r\n", reply->content_type);
    esa_emu_buf_printf(out, "Content-Length: %zu\r\nConnection: %s\r\n", reply->claimed_len,
                       reply->close ? "close" : "keep-alive");
    if (reply->headers.len != 0)
        esa_emu_buf_add(out, reply->headers.data, reply->headers.len);
    esa_emu_buf_text(out, "\r\n");
}

void esa_emu_reply_cleanup(struct esa_emu_reply *reply) {
    esa_emu_buf_cleanup(&reply->headers);
    esa_emu_buf_cleanup(&reply->body);
}
