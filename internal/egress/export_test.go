package egress

import (
	"context"
	"net"
	"net/http"
)

// Connecting returns a client that connects by the function, after all its looks.
func Connecting(p Policy, connect func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	c := New(p)
	if g, ok := c.Transport.(*guard); ok {
		g.connect = connect
	}
	return c
}

// Control asks the last look about an address.
func Control(p Policy, address string) error {
	return (&guard{policy: p}).control(context.Background(), "tcp", address, nil)
}
