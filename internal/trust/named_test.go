package trust_test

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/trust/trusttest"
)

func TestTwoSubjectsNeverHaveOneName(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, "a:*")
	name := func(subject string) string {
		return s.lets(s.issuer.Mint(s.job().With(trusttest.Claims{"sub": subject}))).Name
	}
	long := name("a:" + strings.Repeat("b", 200))
	if len(long) != 128 {
		t.Errorf("%q has %d bytes", long, len(long))
	}
	for _, subject := range []string{"a:b", "a:b~c", "a:" + strings.Repeat("b", 126), "a:~" + strings.Repeat("A", 32), "a:~" + strings.Repeat("0", 31)} {
		if got := name(subject); got != subject {
			t.Errorf("%q is named %q", subject, got)
		}
	}
	for range 3 { // who is named like the one before
		next := name(long)
		if next == long || len(next) > 128 {
			t.Errorf("%q is the name of two", next)
		}
		long = next
	}
}
