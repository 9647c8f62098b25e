/* Every limit of the readers and of the search, in one place. An input over one of them ends with
 * CP_ERR_LIMIT or with a finding that names the limit; it is never silently cut. */
#ifndef CP_LIMITS_H
#define CP_LIMITS_H

#define CP_MAX_FILE_LEN ((size_t)1024 * 1024)      /* one input file */
#define CP_MAX_TRUST_LEN ((size_t)8 * 1024 * 1024) /* a trust store */
#define CP_MAX_FILES 64                            /* files of one bundle */
#define CP_MAX_BLOCKS 1000                         /* PEM blocks of one bundle */
#define CP_MAX_NAMES 100000                        /* SAN entries of one certificate */
#define CP_MAX_NAME_LEN 4096  /* one Name: longer ones only serve to cost time */
#define CP_MAX_RDNS 128       /* of one Name */
#define CP_MAX_ATTRIBUTES 16  /* of one RelativeDistinguishedName: a set, compared all with all */
#define CP_MAX_EXTENSIONS 128 /* of one certificate */
#define CP_MAX_DER_DEPTH 16   /* nesting that the DER reader follows */
#define CP_MAX_RSA_BITS 16384 /* modulus that is computed with */
#define CP_MAX_ISSUER_RSA_BITS 8192 /* of a key that signatures are verified with */
#define CP_MAX_HOSTNAMES 100000     /* asked for in one run */
#define CP_MAX_PASSPHRASE_LEN 1024
#define CP_MAX_KDF_ITERATIONS 10000000                  /* PBKDF2, PKCS#12 */
#define CP_MAX_DECRYPTIONS 8                            /* of a bundle: each may cost seconds */
#define CP_MAX_PKCS12_ITERATIONS 2000000                /* of one container, all together */
#define CP_MAX_KDF_MEMORY ((uint64_t)256 * 1024 * 1024) /* scrypt */
#define CP_MAX_POOL_CERTS 1000                          /* that may complete a chain */
#define CP_MAX_CRL_LEN ((size_t)96 * 1024 * 1024)       /* one revocation list, as text or DER */
#define CP_MAX_EVIDENCE 100                 /* revocation lists and OCSP responses of a run */
#define CP_MAX_OCSP_LEN ((size_t)64 * 1024) /* one response */
#define CP_MAX_OCSP_CERTS 8                 /* in one response */
/* Of a response that does not say until when it holds, BR 4.9.10. */
#define CP_MAX_OCSP_AGE_DAYS 10
#define CP_MAX_SCTS 32 /* of one certificate */
#define CP_MAX_CT_LOGS 1000
#define CP_MAX_FINDINGS 1000            /* of one report; one more says that it was cut */
#define CP_MAX_PATH_CERTS 12            /* leaf and anchor included */
#define CP_MAX_PATH_STEPS 20000         /* candidates that a search looks at */
#define CP_MAX_PATH_SIGNATURES 256      /* signatures that a search verifies */
#define CP_MAX_PATH_STANDINGS 64        /* CAs that a search looks up in the evidence */
#define CP_MAX_REVOKED_LEFT 8           /* revoked CAs that a search tells of */
#define CP_MAX_POLICIES 512             /* policies, or mappings, of one certificate of a path */
#define CP_MAX_POLICY_WORK 100000       /* policies that a search looks at */
#define CP_MAX_NAME_COMPARISONS 1000000 /* name constraints times names, one search */
#define CP_MAX_BRANCHES 64              /* valid paths, and failed ones, that --explain shows */
#define CP_MAX_OUTLOOK_SEARCHES 8       /* paths that follow one another */
#define CP_MAX_OUTLOOK_MOMENTS 64       /* that a path may begin at */

#endif
