// The checks of bench_loop's naive loop with Go's standard library: read certificates and key
// (tls.X509KeyPair compares their public halves), verify against one shared pool with hostname and
// time. One goroutine.
//
//	peer_go FOLDER SECONDS     FOLDER has 0.pem, 1.pem, ... and root.pem; prints bundles a second
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const host = "shop.acme.example"

func need(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer_go:", err)
		os.Exit(1)
	}
}

func check(pem []byte, roots *x509.CertPool, at time.Time) {
	pair, err := tls.X509KeyPair(pem, pem)
	need(err)
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	need(err)
	intermediates := x509.NewCertPool()
	for _, der := range pair.Certificate[1:] {
		cert, err := x509.ParseCertificate(der)
		need(err)
		intermediates.AddCert(cert)
	}
	_, err = leaf.Verify(x509.VerifyOptions{
		DNSName: host, Roots: roots, Intermediates: intermediates, CurrentTime: at})
	need(err)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: peer_go FOLDER SECONDS")
		os.Exit(2)
	}
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	need(err)
	root, err := os.ReadFile(filepath.Join(os.Args[1], "root.pem"))
	need(err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(root) {
		need(fmt.Errorf("no root"))
	}
	var bundles [][]byte
	for i := 0; ; i++ {
		pem, err := os.ReadFile(filepath.Join(os.Args[1], strconv.Itoa(i)+".pem"))
		if err != nil {
			break
		}
		bundles = append(bundles, pem)
	}
	if len(bundles) == 0 {
		need(fmt.Errorf("no bundles"))
	}
	at := time.Unix(1780272000, 0)
	done := 0
	start := time.Now()
	for time.Since(start).Seconds() < seconds {
		for i := 0; i < 8; i++ {
			check(bundles[done%len(bundles)], roots, at)
			done++
		}
	}
	fmt.Printf("%.0f\n", float64(done)/time.Since(start).Seconds())
}
