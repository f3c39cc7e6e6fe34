package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/control/wire"
)

// servePublicly is serve with an issuer that the server itself can look at, by
// https under its public name.
func (d *desk) servePublicly() {
	d.t.Helper()
	cert, trusted, err := throwAwayCA(issuerHost)
	if err != nil {
		d.t.Fatal(err)
	}
	public := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*d.atIssuer.Load()).ServeHTTP(w, r) }))
	public.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	public.StartTLS()
	d.t.Cleanup(public.Close)
	d.serve(func(s *app.Settings) {
		s.State.Outside = app.Outside{
			Roots:  trusted,
			Lookup: func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil },
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, public.Listener.Addr().String())
			},
		}
	})
}

func TestTheDoctorWalksFromTheIssuerToTheModels(t *testing.T) {
	d := newDesk(t)
	d.servePublicly()
	d.adit("env", "create", "prod", "--region", "us-east-1", "--model", "amazon.titan-embed-text-v2:0").exits(0)
	d.adit("doctor", "--environment", "prod").exits(4).says("ok token", "x  exchange", "no AWS role yet", "> ", "1 failed")
	d.adit("aws", "setup", "prod", "--yes").exits(0)
	d.adit("doctor", "--environment", "prod", "--invoke").exits(0).says("Environment prod", "ok public url", "ok jwks", "ok exchange", "ok probe", "ok identity", "ok access", "ok invoke", "0 failed")
	answer := d.adit("doctor", "--environment", "prod", "-o", "json").exits(0).json()
	if answer["verdict"] == "failed" || len(answer["steps"].([]any)) < 10 {
		t.Errorf("%v", answer)
	}
	d.adit("doctor", "--environment", "nowhere").exits(3)
	d.adit("doctor", "--invoke").exits(2).tells("--environment")
}

func TestTheDoctorEndsWithTheCodeOfTheFirstFailure(t *testing.T) {
	for _, tt := range []struct {
		steps []wire.Step
		want  int
	}{
		{[]wire.Step{{Verdict: "ok"}, {Verdict: "warning"}, {Verdict: "skipped"}}, 0},
		{[]wire.Step{{Verdict: "ok"}, {Verdict: "failed", Kind: "config"}, {Verdict: "failed", Kind: "refused"}}, 3},
		{[]wire.Step{{Verdict: "failed", Kind: "refused"}}, 5},
		{[]wire.Step{{Verdict: "failed", Kind: "unavailable"}}, 6},
		{[]wire.Step{{Verdict: "failed"}}, 5},
	} {
		if got := exitCode(ailment(tt.steps)); got != tt.want {
			t.Errorf("%v: %d, not %d", tt.steps, got, tt.want)
		}
	}
}

func TestAStepIsPrintedWithWhatWasSeenAndWhatToDo(t *testing.T) {
	var out bytes.Buffer
	p := &Process{}
	p.printStep(&out, wire.Step{
		Name: "exchange", Verdict: "failed", Message: "AWS said no", Remedy: "Paste this:\n{\n}\n",
		Facts: []wire.Fact{{Name: "aws_code", Value: "AccessDenied"}, {Name: "sub", Value: "env:a:b"}},
	})
	p.printStep(&out, wire.Step{Name: "token", Verdict: "ok", Remedy: "nothing"})
	p.printStep(&out, wire.Step{Name: "invoke", Verdict: "skipped", Message: "add --invoke"})
	want := strings.Join([]string{
		"  x  exchange: AWS said no",
		"      aws code  AccessDenied",
		"      sub       env:a:b",
		"      > Paste this:",
		"        {",
		"        }",
		"  ok token",
		"  -  invoke: add --invoke",
		"",
	}, "\n")
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}
