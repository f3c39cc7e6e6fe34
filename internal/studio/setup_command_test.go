package studio

import (
	"html"
	"net/http"
	"net/netip"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestACommandFindsTheServerFromWhereThePersonIs(t *testing.T) {
	const plain = "adit aws setup --environment prod --org acme"
	tried := Here{Server: "--data-dir '/srv/of  acme'", AWS: "--aws-endpoint-url http://127.0.0.1:9 --profile demo", Variables: "AWS_SHARED_CREDENTIALS_FILE=/srv/keys"}
	for name, c := range map[string]struct {
		here   Here
		header []string
		want   string
	}{
		"found without":       {want: plain},
		"another directory":   {here: Here{Server: "--data-dir /srv/adit"}, want: plain + " --data-dir /srv/adit"},
		"an account besides":  {here: tried, want: tried.Variables + " " + plain + " " + tried.Server + " " + tried.AWS},
		"from beyond a proxy": {here: tried, header: []string{"X-Forwarded-Proto", "https"}, want: plain + " --server https://localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, access.Owner, func(s *Settings) {
				s.Here, s.Proxies = c.here, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
			})
			header := c.header
			if header != nil { // over TLS the cookie has a prefix
				header = append(header, "Cookie", "__Host-"+sessionCookie+"=token-1")
			}
			e := prod()
			e.State = "unsafe"
			s.api.answer("GET "+environmentPath, e)
			s.api.answer("POST "+environmentPath+"/setup", wire.Setup{TrustPolicy: "{}"})
			s.see(s.get(s.org("environments", stageEnv), header...), http.StatusOK, "<code>"+html.EscapeString(c.want)+"</code>")
			waiting(&e)
			s.api.answer("GET "+environmentPath, e)
			s.see(s.get(s.org("environments", stageEnv, "setup"), header...), http.StatusOK, ">"+html.EscapeString(c.want)+"</code>")
		})
	}
}
