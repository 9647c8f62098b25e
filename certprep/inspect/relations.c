/* Who issued whom, which key belongs to which certificate, and what is there twice.
 *
 * A link is an issuer's subject that is another certificate's issuer by RFC 5280 7.1; it is
 * verified if the issuer's key made the signature, else it holds by name only and the reason is
 * said. A tree shows the verified links of a certificate and, only where there are none, those by
 * name. A certificate that several issued (cross-signs) stands in several places and is unfolded in
 * the first. Bounds: CP_MAX_INSPECT_LINKS, CP_MAX_INSPECT_SIGNATURES; work is quadratic in the
 * number of certificates (CP_MAX_BLOCKS at most) by integer comparisons alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "verify.h"

struct link {
    size_t subject, issuer; /* certificates */
    bool verified;
    const char *why; /* not verified: why */
};

/* What is known of a certificate beside its own facts. */
struct node {
    size_t subject_name, issuer_name; /* equal names have equal numbers */
    size_t duplicate_of;              /* an earlier one with the same DER; SIZE_MAX: none */
    bool has_verified;                /* a link as subject is verified */
    bool is_root;                     /* self-issued, and no other key verifies it */
    bool has_parent;                  /* a link to another is shown */
    bool unfolded;
};

struct graph {
    struct cp_sink *sink;
    const struct cp_bundle *bundle;
    struct node *nodes;
    struct cp_span *names; /* one of each */
    uint64_t *hashes;
    size_t num_names;
    struct link *links;
    size_t num_links, cap_links, num_signatures;
    bool cut;
};

static const struct cp_cert *cert_at(const struct graph *graph, size_t index) {
    return &graph->bundle->certs[index].cert;
}

/* ---- the graph --------------------------------------------------------------------------------
 */

static size_t name_number(struct graph *graph, struct cp_span name, uint64_t hash) {
    for (size_t i = 0; i < graph->num_names; i++)
        if (graph->hashes[i] == hash && cp_name_equal(graph->names[i], name))
            return i;
    graph->names[graph->num_names] = name;
    graph->hashes[graph->num_names] = hash;
    return graph->num_names++;
}

static enum cp_status find_duplicates(struct graph *graph, struct cp_error *err) {
    size_t num = graph->bundle->num_certs;
    char(*digests)[65] = calloc(num + 1, sizeof(*digests));
    enum cp_status status = CP_OK;
    if (digests == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "relations: out of memory");
    for (size_t i = 0; status == CP_OK && i < num; i++) {
        status = cp_sha256_hex(digests[i], cert_at(graph, i)->der, err);
        graph->nodes[i].duplicate_of = SIZE_MAX;
        for (size_t j = 0; status == CP_OK && j < i; j++) {
            if (memcmp(digests[i], digests[j], sizeof(*digests)) == 0) {
                graph->nodes[i].duplicate_of = j;
                break;
            }
        }
    }
    free(digests);
    return status;
}

static enum cp_status add_link(struct graph *graph, struct cp_verifier *verifier, size_t subject,
                               size_t issuer, struct cp_error *err) {
    static const char *const reasons[] = {[CP_SIGNATURE_GOOD] = "",
                                          [CP_SIGNATURE_BAD] = "the signature is not its key's",
                                          [CP_SIGNATURE_UNSUPPORTED] =
                                              "the signature can't be computed"};
    struct link link = {.subject = subject, .issuer = issuer, .why = "too many to compute"};
    enum cp_signature_result result = CP_SIGNATURE_UNSUPPORTED;
    if (graph->num_links == graph->cap_links) {
        size_t cap = graph->cap_links == 0 ? 64 : graph->cap_links * 2;
        struct link *grown = realloc(graph->links, cap * sizeof(*grown));
        if (grown == NULL)
            return cp_fail(err, CP_ERR_MEMORY, "relations: out of memory");
        graph->links = grown;
        graph->cap_links = cap;
    }
    if (graph->num_signatures < CP_MAX_INSPECT_SIGNATURES) {
        graph->num_signatures++;
        enum cp_status status = cp_verifier_check(verifier, &result, cert_at(graph, subject),
                                                  cert_at(graph, issuer), err);
        if (status != CP_OK)
            return status;
        link.verified = result == CP_SIGNATURE_GOOD;
        link.why = reasons[result];
    }
    graph->nodes[subject].has_verified |= link.verified;
    graph->nodes[subject].is_root |= link.verified && subject == issuer;
    graph->links[graph->num_links++] = link;
    return CP_OK;
}

static enum cp_status find_links(struct graph *graph, struct cp_error *err) {
    struct cp_verifier *verifier = NULL;
    size_t num = graph->bundle->num_certs;
    enum cp_status status = cp_verifier_new(&verifier, err);
    for (size_t i = 0; i < num; i++) {
        const struct cp_cert *cert = cert_at(graph, i);
        graph->nodes[i].subject_name = name_number(graph, cert->subject, cert->subject_hash);
        graph->nodes[i].issuer_name = name_number(graph, cert->issuer, cert->issuer_hash);
    }
    for (size_t i = 0; status == CP_OK && i < num; i++) {
        if (graph->nodes[i].duplicate_of != SIZE_MAX)
            continue;
        for (size_t j = 0; status == CP_OK && j < num; j++) {
            if (graph->nodes[j].duplicate_of != SIZE_MAX ||
                graph->nodes[i].issuer_name != graph->nodes[j].subject_name)
                continue;
            if (graph->num_links == CP_MAX_INSPECT_LINKS)
                graph->cut = true;
            else
                status = add_link(graph, verifier, i, j, err);
        }
    }
    cp_verifier_free(verifier);
    return status;
}

/* Has the tree this link? */
static bool is_shown(const struct graph *graph, const struct link *link) {
    const struct node *node = &graph->nodes[link->subject];
    return link->subject != link->issuer && !node->is_root &&
           (link->verified || !node->has_verified);
}

static void find_parents(struct graph *graph) {
    for (size_t i = 0; i < graph->num_links; i++) {
        struct node *node = &graph->nodes[graph->links[i].subject];
        node->is_root |= graph->links[i].subject == graph->links[i].issuer && !node->has_verified;
    }
    for (size_t i = 0; i < graph->num_links; i++)
        graph->nodes[graph->links[i].subject].has_parent |= is_shown(graph, &graph->links[i]);
}

/* ---- trees ------------------------------------------------------------------------------------
 */

/* One row: a certificate, how it hangs on the one above, and its short name. */
static void put_row(struct graph *graph, size_t index, size_t depth, const char *relation,
                    bool verified, const char *why, bool again) {
    struct cp_sink *sink = graph->sink;
    char name[200], number[40];
    cp_cert_subject_text(name, sizeof(name), cert_at(graph, index));
    if (sink->json) {
        cp_sink_open_flat(sink, NULL);
        cp_sink_number(sink, "depth", (int64_t)depth);
        cp_sink_number(sink, "certificate", (int64_t)index + 1);
        cp_sink_text(sink, "subject", name);
        cp_sink_text(sink, "relation", relation);
        cp_sink_bool(sink, "verified", verified);
        cp_sink_bool(sink, "repeated", again);
        cp_sink_close(sink, '}');
        return;
    }
    cp_sink_put_indent(sink);
    cp_buf_printf(sink->out, "%*s", (int)(depth == 0 ? 0 : (depth - 1) * 3), "");
    if (depth != 0)
        cp_buf_puts(sink->out, sink->utf8 ? "\u2514\u2500 " : "`- ");
    snprintf(number, sizeof(number), "certificate %zu", index + 1);
    cp_sink_put(sink, CP_BOLD, number);
    cp_buf_puts(sink->out, "  ");
    cp_sink_put(sink, CP_PLAIN, name);
    cp_buf_puts(sink->out, "  ");
    if (strcmp(relation, "self-issued") == 0)
        cp_buf_puts(sink->out, "self-issued, ");
    cp_sink_put(sink, verified ? CP_GREEN : CP_YELLOW, verified ? "verified" : "name only");
    if (!verified && why != NULL)
        cp_buf_printf(sink->out, ": %s", why);
    cp_buf_puts(sink->out, again ? " (unfolded above)\n" : "\n");
}

/* The certificates that index issued. Recursion ends since each is unfolded once. */
static void put_children(struct graph *graph, size_t index, size_t depth) {
    graph->nodes[index].unfolded = true;
    for (size_t i = 0; i < graph->num_links; i++) {
        const struct link *link = &graph->links[i];
        if (link->issuer != index || !is_shown(graph, link))
            continue;
        bool again = graph->nodes[link->subject].unfolded;
        put_row(graph, link->subject, depth, "issued", link->verified, link->why, again);
        if (!again)
            put_children(graph, link->subject, depth + 1);
    }
}

static void put_root(struct graph *graph, size_t index) {
    bool verified = false;
    const char *why = NULL;
    for (size_t i = 0; i < graph->num_links; i++) {
        const struct link *link = &graph->links[i];
        if (link->subject == index && link->issuer == index) {
            verified = link->verified;
            why = link->why;
        }
    }
    put_row(graph, index, 0, "self-issued", verified, why, false);
    put_children(graph, index, 1);
}

/* An issuer that is not here, and what it issued by its name. */
static void put_absent_issuer(struct graph *graph, size_t name) {
    struct cp_sink *sink = graph->sink;
    struct cp_buf text;
    cp_buf_init(&text, (size_t)8 * 1024 * 1024);
    cp_inspect_name(&text, graph->names[name]);
    if (text.failed != CP_OK && sink->out->failed == CP_OK)
        sink->out->failed = text.failed;
    const char *shown = text.len != 0 ? text.data : "(empty)";
    bool here = false; /* only where the links were cut */
    for (size_t i = 0; graph->cut && i < graph->bundle->num_certs; i++)
        here |= graph->nodes[i].subject_name == name;
    if (sink->json) {
        cp_sink_open_flat(sink, NULL);
        cp_sink_number(sink, "depth", 0);
        cp_sink_null(sink, "certificate");
        cp_sink_text(sink, "subject", shown);
        cp_sink_text(sink, "relation", here ? "not compared" : "absent");
        cp_sink_bool(sink, "verified", false);
        cp_sink_bool(sink, "repeated", false);
        cp_sink_close(sink, '}');
    } else {
        cp_sink_put_indent(sink);
        cp_sink_put(sink, CP_PLAIN, shown);
        cp_buf_puts(sink->out, here ? "  (not compared)\n" : "  (not here)\n");
    }
    cp_buf_cleanup(&text);
    for (size_t i = 0; i < graph->bundle->num_certs; i++) {
        const struct node *node = &graph->nodes[i];
        if (node->issuer_name != name || node->has_parent || node->is_root ||
            node->duplicate_of != SIZE_MAX)
            continue;
        put_row(graph, i, 1, "issued", false, NULL, false);
        put_children(graph, i, 2);
    }
}

static void put_trees(struct graph *graph) {
    size_t num = graph->bundle->num_certs;
    cp_sink_open(graph->sink, "trees", '[');
    for (size_t i = 0; i < num; i++)
        if (graph->nodes[i].is_root && graph->nodes[i].duplicate_of == SIZE_MAX)
            put_root(graph, i);
    for (size_t i = 0; i < num; i++) {
        const struct node *node = &graph->nodes[i];
        if (!node->unfolded && !node->has_parent && node->duplicate_of == SIZE_MAX)
            put_absent_issuer(graph, node->issuer_name);
    }
    /* Certificates that issued each other in a circle hang on no root. */
    for (size_t i = 0; i < num; i++) {
        if (graph->nodes[i].unfolded || graph->nodes[i].duplicate_of != SIZE_MAX)
            continue;
        put_row(graph, i, 0, "circle", false, "it issued its own issuer", false);
        put_children(graph, i, 1);
    }
    if (graph->cut)
        cp_sink_line(graph->sink, CP_RED, "more than %d relations: the rest is not shown",
                     CP_MAX_INSPECT_LINKS);
    cp_sink_close(graph->sink, ']');
}

/* JSON: each link, also those that no tree shows. */
static void put_links(struct graph *graph) {
    struct cp_sink *sink = graph->sink;
    if (!sink->json)
        return;
    cp_sink_open(sink, "issued", '[');
    for (size_t i = 0; i < graph->num_links; i++) {
        const struct link *link = &graph->links[i];
        cp_sink_open_flat(sink, NULL);
        cp_sink_number(sink, "issuer", (int64_t)link->issuer + 1);
        cp_sink_number(sink, "subject", (int64_t)link->subject + 1);
        cp_sink_bool(sink, "verified", link->verified);
        cp_sink_text(sink, "reason", link->verified ? NULL : link->why);
        cp_sink_close(sink, '}');
    }
    cp_sink_close(sink, ']');
    cp_sink_bool(sink, "issued_cut", graph->cut);
}

/* ---- keys and duplicates ----------------------------------------------------------------------
 */

static size_t same_key(const struct cp_bundle *bundle, size_t index) {
    const struct cp_key *key = &bundle->keys[index].key;
    for (size_t i = 0; key->has_public && i < index; i++)
        if (bundle->keys[i].key.has_public &&
            memcmp(bundle->keys[i].key.spki_sha256, key->spki_sha256, sizeof(key->spki_sha256)) ==
                0)
            return i;
    return SIZE_MAX;
}

static void put_key(struct cp_sink *sink, const struct cp_bundle *bundle, size_t index) {
    const struct cp_key *key = &bundle->keys[index].key;
    size_t same = same_key(bundle, index), num = 0;
    char text[80];
    cp_sink_open_flat(sink, NULL);
    if (sink->json) {
        cp_sink_number(sink, "key", (int64_t)index + 1);
    } else {
        cp_sink_put_indent(sink);
        snprintf(text, sizeof(text), "key %zu", index + 1);
        cp_sink_put(sink, CP_BOLD, text);
        cp_buf_puts(sink->out, "  belongs to");
    }
    cp_sink_open(sink, "certificates", '[');
    for (size_t i = 0; i < bundle->num_certs; i++) {
        if (!cp_key_matches(key, &bundle->certs[i].cert))
            continue;
        if (sink->json)
            cp_sink_number(sink, NULL, (int64_t)i + 1);
        else if (num < CP_SINK_MAX_ITEMS)
            cp_buf_printf(sink->out, "%s certificate %zu", num == 0 ? "" : ",", i + 1);
        num++;
    }
    cp_sink_close(sink, ']');
    if (sink->json && same == SIZE_MAX)
        cp_sink_null(sink, "same_as");
    else if (sink->json)
        cp_sink_number(sink, "same_as", (int64_t)same + 1);
    cp_sink_close(sink, '}');
    if (sink->json)
        return;
    if (num > CP_SINK_MAX_ITEMS)
        cp_buf_printf(sink->out, " and %zu more", num - CP_SINK_MAX_ITEMS);
    if (num == 0)
        cp_buf_puts(sink->out, key->has_public ? " no certificate here"
                                               : " ?: its public half can't be computed");
    if (same != SIZE_MAX)
        cp_buf_printf(sink->out, "; the same as key %zu", same + 1);
    cp_buf_puts(sink->out, "\n");
}

static void put_duplicates(struct graph *graph) {
    struct cp_sink *sink = graph->sink;
    cp_sink_open(sink, "duplicates", '[');
    for (size_t i = 0; i < graph->bundle->num_certs; i++) {
        size_t of = graph->nodes[i].duplicate_of;
        if (of == SIZE_MAX)
            continue;
        cp_sink_open_flat(sink, NULL);
        if (sink->json) {
            cp_sink_number(sink, "certificate", (int64_t)i + 1);
            cp_sink_number(sink, "of", (int64_t)of + 1);
        }
        cp_sink_close(sink, '}');
        cp_sink_line(sink, CP_PLAIN, "certificate %zu  is certificate %zu again", i + 1, of + 1);
    }
    cp_sink_close(sink, ']');
}

enum cp_status cp_inspect_relations(struct cp_sink *sink, const struct cp_bundle *bundle,
                                    struct cp_error *err) {
    struct graph graph = {.sink = sink, .bundle = bundle};
    size_t num = bundle->num_certs;
    enum cp_status status = CP_OK;
    graph.nodes = calloc(num + 1, sizeof(*graph.nodes));
    graph.names = calloc(2 * num + 1, sizeof(*graph.names));
    graph.hashes = calloc(2 * num + 1, sizeof(*graph.hashes));
    if (graph.nodes == NULL || graph.names == NULL || graph.hashes == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "relations: out of memory");
        goto out;
    }
    status = find_duplicates(&graph, err);
    if (status == CP_OK)
        status = find_links(&graph, err);
    if (status != CP_OK)
        goto out;
    find_parents(&graph);
    cp_sink_open(sink, "relations", '{');
    if (num != 0 || bundle->num_keys != 0)
        cp_sink_line(sink, CP_BOLD, "who issued whom, and whose the keys are");
    sink->indent += 2;
    put_links(&graph);
    put_trees(&graph);
    cp_sink_open(sink, "keys", '[');
    for (size_t i = 0; i < bundle->num_keys; i++)
        put_key(sink, bundle, i);
    cp_sink_close(sink, ']');
    put_duplicates(&graph);
    sink->indent -= 2;
    cp_sink_close(sink, '}');
out:
    free(graph.nodes);
    free(graph.names);
    free(graph.hashes);
    free(graph.links);
    return status;
}
