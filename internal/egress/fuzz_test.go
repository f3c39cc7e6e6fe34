package egress_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/egress"
)

// Whatever URL is taken, it is https, of a plain host, and no address that it
// names or that a resolver of old would read in it is private.
func FuzzCheckURL(f *testing.F) {
	for _, raw := range hostile() {
		f.Add(raw)
	}
	f.Add("https://public.example/path?query")
	f.Add("https://public.example/>" + strings.Repeat("a", 2023)) // of 2,048 characters until it is sent
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := egress.CheckURL(raw, egress.Policy{})
		if err != nil {
			return
		}
		host := u.Hostname()
		if u.Scheme != "https" || u.User != nil || u.Fragment != "" || host == "" || strings.ContainsAny(host, "%@\\ ") || strings.HasSuffix(host, ".") {
			t.Fatalf("%q was taken as %#v", raw, u)
		}
		if p := u.Port(); p != "" && p != "443" {
			t.Fatalf("%q was taken with port %s", raw, p)
		}
		if a, err := netip.ParseAddr(host); err == nil && (a.Unmap().IsPrivate() || a.Unmap().IsLoopback() || !a.IsGlobalUnicast()) {
			t.Fatalf("%q was taken", raw)
		}
		if again, err := egress.CheckURL(u.String(), egress.Policy{}); err != nil || again.Host != u.Host {
			t.Fatalf("%q was taken, but not as it is sent: %v", raw, err)
		}
		resolver := everything{}
		client := egress.Connecting(egress.Policy{Resolver: resolver}, func(_ context.Context, _, address string) (net.Conn, error) {
			t.Fatalf("%q was connected to at %s", raw, address)
			return nil, errors.New("no")
		})
		if _, err := netip.ParseAddr(host); err != nil {
			if resp, err := client.Get(u.String()); err == nil {
				resp.Body.Close()
				t.Fatalf("%q was answered", raw)
			}
		}
	})
}

// everything is a resolver to which all names are the machine itself.
type everything struct{}

func (everything) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}
