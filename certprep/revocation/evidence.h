/* evidence: the revocation lists and OCSP responses of a run, and what could not be had. */
#ifndef CP_EVIDENCE_H
#define CP_EVIDENCE_H

#include "ocsp.h"

struct cp_evidence_item {
    uint8_t *der;      /* owned; what crl or ocsp borrows from */
    size_t mapped_len; /* der is a file, mapped to be read only; 0: it is allocated */
    const char *label; /* escaped */
    bool is_crl;
    bool fetched; /* asked for by us: what can't be used is no fault of the input */
    struct cp_crl crl;
    struct cp_ocsp ocsp;
};

/* A question that got no answer. */
struct cp_evidence_gap {
    uint8_t *cert; /* DER, owned */
    size_t cert_len;
    char *message; /* escaped */
};

struct cp_evidence {
    struct cp_evidence_item *items;
    size_t num_items, cap_items;
    struct cp_evidence_gap *gaps;
    size_t num_gaps, cap_gaps;
    char **labels;
    size_t num_labels;
};

/* Adds what is mapped; takes it over in any case. */
CP_MUST_USE enum cp_status cp_evidence_add_mapped_crl(struct cp_evidence *evidence, void *map,
                                                      size_t map_len, const char *label,
                                                      struct cp_error *err);
/* As the public functions, for what was fetched. */
CP_MUST_USE enum cp_status cp_evidence_add_fetched(struct cp_evidence *evidence, bool is_crl,
                                                   const uint8_t *data, size_t data_len,
                                                   const char *label, struct cp_error *err);
/* Nobody could be asked about cert; message says why. Over CP_MAX_EVIDENCE it is dropped. */
CP_MUST_USE enum cp_status cp_evidence_add_gap(struct cp_evidence *evidence,
                                               const struct cp_cert *cert, const char *message,
                                               struct cp_error *err);

#endif
