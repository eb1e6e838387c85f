// Package quic serves the handlers of net/http by HTTP/3 as well, with quic-go, as its documentation and
// Gin's RunQUIC do.
package quic

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"

	"github.com/quic-go/quic-go/http3"
)

// Serve listens if there is a file of a certificate and its key, and gives the part of the ready line.
func Serve(identity []string, handler http.Handler) string {
	if len(identity) == 0 {
		return ""
	}
	certificate, err := tls.LoadX509KeyPair(identity[0], identity[0])
	if err != nil {
		panic(err)
	}
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		panic(err)
	}
	server := &http3.Server{Handler: handler, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}}
	go func() { panic(server.Serve(socket)) }()
	return fmt.Sprintf(",\"http3\":\"%s\"", socket.LocalAddr())
}
