package egress_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/egress"
	"github.com/adit-hq/adit/internal/fault"
)

// names is a resolver that knows what it was told; each name answers in turn, the last answer for ever.
type names map[string][][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	answers, ok := n[strings.ToLower(host)]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		n[host] = answers[1:]
	}
	var found []netip.Addr
	for _, text := range answers[0] {
		found = append(found, netip.MustParseAddr(text))
	}
	return found, nil
}

func one(addresses ...string) [][]string { return [][]string{addresses} }

// hostile are the URLs that must never lead anywhere but to a public address. Those that CheckURL
// cannot tell by looking are names, which the resolver of the test leads astray.
func hostile() []string {
	return []string{
		// The metadata services of clouds, however they are written.
		"https://169.254.169.254/latest/meta-data/",
		"https://169.254.169.254:443/",
		"https://[::ffff:169.254.169.254]/",
		"https://[::ffff:a9fe:a9fe]/",
		"https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
		"https://[64:ff9b::169.254.169.254]/",
		"https://[64:ff9b::a9fe:a9fe]/",
		"https://[2002:a9fe:a9fe::1]/",
		"https://[::169.254.169.254]/",
		"https://[fd00:ec2::254]/",
		"https://[fd20:ce::254]/",
		"https://168.63.129.16/",
		"https://100.100.100.200/",
		"https://169.254.170.2/v2/credentials",
		"https://metadata.google.internal/computeMetadata/v1/",
		"https://metadata/",
		"https://instance-data/",
		// Loopback.
		"https://127.0.0.1/",
		"https://127.1.2.3/",
		"https://[::1]/",
		"https://[0:0:0:0:0:0:0:1]/",
		"https://[::ffff:127.0.0.1]/",
		"https://[::ffff:7f00:1]/",
		"https://[::127.0.0.1]/",
		"https://[64:ff9b::127.0.0.1]/",
		"https://[64:ff9b:1::7f00:1]/",
		"https://[2002:7f00:1::]/",
		"https://localhost/",
		"https://LOCALHOST/",
		"https://foo.localhost/",
		// Numbers that resolvers of old read as 127.0.0.1 or 169.254.169.254.
		"https://2130706433/",
		"https://2852039166/",
		"https://0x7f000001/",
		"https://0x7f.0.0.1/",
		"https://0x7f.1/",
		"https://017700000001/",
		"https://0177.0.0.1/",
		"https://0177.0.0.01/",
		"https://127.1/",
		"https://127.0.1/",
		"https://127.0.0.0x1/",
		"https://127.0.0.0X1/",
		"https://0/",
		"https://0x/",
		"https://00000177.1/",
		"https://127.000.000.001/",
		"https://169.254.43518/",
		"https://foo.0x7f000001/",
		// Unspecified, private, shared, special.
		"https://0.0.0.0/",
		"https://[::]/",
		"https://0.1.2.3/",
		"https://10.0.0.1/",
		"https://172.16.0.1/",
		"https://172.31.255.255/",
		"https://192.168.1.1/",
		"https://100.64.0.1/",
		"https://100.127.255.255/",
		"https://192.0.0.1/",
		"https://192.0.2.1/",
		"https://198.18.0.1/",
		"https://198.19.255.255/",
		"https://198.51.100.7/",
		"https://203.0.113.9/",
		"https://192.88.99.1/",
		"https://224.0.0.1/",
		"https://240.0.0.1/",
		"https://255.255.255.255/",
		"https://[fe80::1]/",
		"https://[fe80::1%25eth0]/",
		"https://[fe80::1%eth0]/",
		"https://[2606:4700::1%25lo]/",
		"https://[fc00::1]/",
		"https://[fdab::1]/",
		"https://[fec0::1]/",
		"https://[ff02::1]/",
		"https://[2001:db8::1]/",
		"https://[3fff::1]/",
		"https://[2001:2::1]/",
		"https://[2001:0:53aa:64c::1]/",
		"https://[100::1]/",
		"https://[5f00::1]/",
		"https://[4000::1]/",
		"https://[64:ff9b::10.0.0.1]/",
		"https://[2002:c0a8:101::]/",
		// Dots, digits and letters that only look like others.
		"https://127.0.0.1./",
		"https://idp.example./",
		"https://idp..example/",
		"https://.idp.example/",
		"https://127。0。0。1/",
		"https://127．0．0．1/",
		"https://①②⑦.0.0.1/",
		"https://１２７.0.0.1/",
		"https://ⓛocalhost/",
		"https://%31%32%37.0.0.1/",
		"https://127%2e0%2e0%2e1/",
		"https://idp.example%00.evil.test/",
		// Who is the host?
		"https://idp.example@127.0.0.1/",
		"https://idp.example:443@127.0.0.1/",
		"https://user:password@public.example/",
		"https://@public.example/",
		"https://:@public.example/",
		"https://public.example\\@127.0.0.1/",
		"https:\\\\127.0.0.1/",
		"https://127.0.0.1\\.public.example/",
		"https://public.example#@127.0.0.1/",
		"https://public.example/#fragment",
		"https://public.example/#",
		"https://public.example\t@127.0.0.1/",
		"https://public.example/\r\nHost: localhost",
		" https://public.example/",
		"https://public.example /",
		"https://[public.example]/",
		"https://[127.0.0.1]/",
		"https://[::1/",
		"https://::1/",
		"https://-public.example/",
		"https://pub!ic.example/",
		// Schemes and ports.
		"http://public.example/",
		"HTTPS://public.example/",
		"ftp://public.example/",
		"file:///etc/passwd",
		"gopher://public.example:443/",
		"javascript:alert(1)",
		"//public.example/",
		"https:public.example/",
		"https:/public.example/",
		"https:///public.example/",
		"https://",
		"https://:443/",
		"",
		"public.example",
		"https://public.example:80/",
		"https://public.example:22/",
		"https://public.example:8443/",
		"https://public.example:0/",
		"https://public.example:0443/",
		"https://public.example:65979/",
		"https://public.example:-443/",
		"https://public.example:+443/",
		"https://public.example:https/",
		"https://public.example:/",
		"https://public.example:443:443/",
		"https://1.1.1.1:8080/",
		"https://" + strings.Repeat("a", 64) + ".example/",
		"https://" + strings.Repeat("abcdefgh.", 30) + "example/",
		"https://public.example/" + strings.Repeat("a", 2048),
		// Names of private networks.
		"https://intranet/",
		"https://printer.local/",
		"https://db.internal/",
		"https://router.lan/",
		"https://router.home.arpa/",
		"https://kubernetes.default.svc/",
		"https://kubernetes.default.svc.cluster.local/",
		// Names that only a resolver knows the truth of.
		"https://to-loopback.example/",
		"https://to-loopback6.example/",
		"https://to-metadata.example/",
		"https://to-mapped.example/",
		"https://to-nat64.example/",
		"https://to-private.example/",
		"https://to-ula.example/",
		"https://to-zone.example/",
		"https://to-unspecified.example/",
		"https://to-both.example/",
		"https://to-both-other-way.example/",
	}
}

func astray() names {
	return names{
		"public.example":            one("1.1.1.1"),
		"idp.example":               one("1.1.1.1"),
		"to-loopback.example":       one("127.0.0.1"),
		"to-loopback6.example":      one("::1"),
		"to-metadata.example":       one("169.254.169.254"),
		"to-mapped.example":         one("::ffff:127.0.0.1"),
		"to-nat64.example":          one("64:ff9b::7f00:1"),
		"to-private.example":        one("10.1.2.3"),
		"to-ula.example":            one("fd12::1"),
		"to-zone.example":           one("fe80::1%eth0"),
		"to-unspecified.example":    one("0.0.0.0"),
		"to-both.example":           one("1.1.1.1", "127.0.0.1"),
		"to-both-other-way.example": one("127.0.0.1", "1.1.1.1"),
	}
}

func TestNoHostileURLLeadsInside(t *testing.T) {
	client := egress.Connecting(egress.Policy{Resolver: astray()}, func(_ context.Context, _, address string) (net.Conn, error) {
		if address != "1.1.1.1:443" { // what net/http makes plain before it asks: an upper-case scheme, an empty fragment
			t.Errorf("connected to %s", address)
		}
		return nil, errors.New("no")
	})
	for _, raw := range hostile() {
		_, early := egress.CheckURL(raw, egress.Policy{})
		byName := strings.Contains(raw, "//to-")
		if (early == nil) != byName {
			t.Errorf("CheckURL(%.60q) = %v; what can be told by looking is told early", raw, early)
		}
		if early != nil && (fault.KindOf(early) != fault.Invalid || fault.From(early).Code != "url_refused") {
			t.Errorf("CheckURL(%.60q) is the fault %q of kind %v", raw, fault.From(early).Code, fault.KindOf(early))
		}
		resp, err := client.Get(raw)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%.60q was answered", raw)
		}
		if byName && fault.From(err).Code != "url_refused" {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestEveryHostileURLHasAReasonThatDoesNotRepeatIt(t *testing.T) {
	for _, raw := range hostile() {
		_, err := egress.CheckURL(raw, egress.Policy{})
		if err == nil {
			continue
		}
		if text := err.Error(); len(text) > 250 || !strings.Contains(text, "URL") && !strings.Contains(text, "host") {
			t.Errorf("%.60q: %s", raw, text)
		}
	}
}

func TestPublicURLsAreTaken(t *testing.T) {
	for _, raw := range []string{
		"https://token.actions.githubusercontent.com",
		"https://token.actions.githubusercontent.com/.well-known/openid-configuration",
		"https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
		"https://idp.example:443/path?policy=b2c",
		"https://xn--bcher-kva.example/",
		"https://my_issuer.example/",
		"https://IDP.example/",
		"https://1.1.1.1/",
		"https://[2606:4700:4700::1111]/",
		"https://[64:ff9b::1.1.1.1]/",
		"https://[::ffff:1.1.1.1]/",
		"https://0x7f.example/",
		"https://127.0.0.1.example/",
	} {
		u, err := egress.CheckURL(raw, egress.Policy{})
		if err != nil {
			t.Errorf("%s: %v", raw, err)
		} else if u.String() != raw {
			t.Errorf("%s became %s", raw, u)
		}
	}
}

// A name that is public when it is looked at, and private when it is called
// again, is judged each time, and what was judged is what is called.
func TestANameThatChangesItsMindIsRefused(t *testing.T) {
	var called []string
	resolver := names{"rebinding.example": {{"1.1.1.1"}, {"127.0.0.1"}}}
	client := egress.Connecting(egress.Policy{Resolver: resolver}, func(_ context.Context, _, address string) (net.Conn, error) {
		called = append(called, address)
		return nil, errors.New("nobody is there")
	})
	for i, want := range []string{"unreachable", "url_refused"} {
		_, err := client.Get("https://rebinding.example/")
		if got := fault.From(err).Code; got != want {
			t.Errorf("call %d: %v", i+1, err)
		}
	}
	if fmt.Sprint(called) != "[1.1.1.1:443]" {
		t.Errorf("connected to %v", called)
	}
}

// Whatever happened between resolving and connecting, the socket's own address is looked at.
func TestTheSocketsAddressIsLookedAt(t *testing.T) {
	for _, address := range []string{"127.0.0.1:443", "[::1]:443", "[::ffff:10.0.0.1]:443", "1.1.1.1:80", "[fe80::1%eth0]:443", "nonsense"} {
		if egress.Control(egress.Policy{}, address) == nil {
			t.Errorf("%s would be connected to", address)
		}
	}
	if err := egress.Control(egress.Policy{}, "1.1.1.1:443"); err != nil {
		t.Error(err)
	}
}
