package issuer_test

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
)

func TestOnlyURLsThatAWSTakesAreAccepted(t *testing.T) {
	good := []string{
		"https://issuer.example.com", "https://issuer.example.com/o/acme", "https://a", "https://issuer.adit.test", "https://xn--bcher-kva.example/A-b_c.d~e/1",
		"https://example.com/" + strings.Repeat("x", 255-len("https://example.com/")),
	}
	for _, u := range good {
		if err := issuer.CheckURL(u); err != nil {
			t.Errorf("%s: %v", u, err)
		}
	}
	bad := map[string]string{ // what the fault must say
		"":                                      "not set",
		"http://issuer.example.com":             "https://",
		"HTTPS://issuer.example.com":            "https://",
		"issuer.example.com":                    "https://",
		"https:issuer.example.com":              "host name",
		"https://":                              "host name",
		"https:///o/acme":                       "host name",
		"https://issuer.example.com:443":        "port",
		"https://issuer.example.com:":           "port",
		"https://[::1]":                         "port",
		"https://u@issuer.example.com":          "user name",
		"https://u:hunter2@example.com":         "user name",
		"https://issuer.example.com?x=1":        "query",
		"https://issuer.example.com?":           "query",
		"https://issuer.example.com#x":          "fragment",
		"https://issuer.example.com#":           "fragment",
		"https://Issuer.example.com":            "upper-case",
		"https://issuer.example.com/":           "slash",
		"https://issuer.example.com/o/":         "slash",
		"https://issuer.example.com//o":         "path",
		"https://issuer.example.com/../o":       "path",
		"https://issuer.example.com/./o":        "path",
		"https://issuer.example.com/a%2fb":      "path",
		"https://issuer.example.com/a b":        "path",
		"https://issuer.example.com/ü":          "path",
		"https://issuer.example.com/a:b":        "path",
		"https://issuer.example.com/a*":         "path",
		"https://bücher.example":                "punycode",
		"https://*.example.com":                 "host name",
		"https://exam_ple.com":                  "host name",
		"https://example.com.":                  "host name",
		"https://-a.example.com":                "host name",
		"https://exa mple.com":                  "cannot be read",
		"https://example.com/\x00":              "cannot be read",
		"https://a/" + strings.Repeat("x", 246): "256 characters",
	}
	for u, says := range bad {
		err := issuer.CheckURL(u)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v does not say %q", u, err, says)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the password stands in the error: %v", u, err)
		}
		if f := fault.From(err); f.Kind != fault.Config || f.Param != "issuer_url" || f.Remedy == "" {
			t.Errorf("%q: %+v", u, f)
		}
	}
	if n := len(params(issuer.CheckURL("http://u@Issuer.example.com:80/?q#f"))); n != 7 {
		t.Errorf("%d faults at once, want 7: %v", n, issuer.CheckURL("http://u@Issuer.example.com:80/?q#f"))
	}
}
