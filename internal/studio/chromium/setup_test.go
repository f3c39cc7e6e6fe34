package chromium

import (
	"net"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/signin/signintest"
)

func TestTheWholeFirstSetupBySomebodyWithALink(t *testing.T) {
	s := newStand(t, nil)
	s.firstSetup(s.signedIn())
}

func TestTheWholeFirstSetupBySomebodyOfAnOIDCProvider(t *testing.T) {
	provider := signintest.NewProvider(t)
	listen := freeAddress(t)
	s := newStand(t, func(a *app.Settings) {
		a.Listen = listen
		a.State.SignIn = app.SignIn{
			Issuer: provider.URL, ClientID: provider.ClientID, Secret: provider.Secret, Name: "Test provider", HTTP: provider.Client(),
			Rules: []string{"group:platform=operator"},
		}
	})
	b := openBrowser(t, s.app.URL())
	b.expect("favicon.ico") // the provider has none
	b.visit("/studio/")
	b.arrives("/studio/sign-in")
	b.press("Continue with Test provider")
	b.fill("groups", "platform")
	b.click("#sign-in")
	b.arrives("/studio/")
	b.sees("Ada Lovelace")
	s.firstSetup(b)
}

// freeAddress is one that nobody listens on: the provider has to know it before the server starts.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// firstSetup goes from nothing to a program's first vectors, and back.
func (s *stand) firstSetup(b *browser) {
	s.t.Helper()
	home := s.home()
	s.bindAWS(b, home)
	s.play(b, home)
	s.callWithAKey(b, home)

	b.visit("/studio/issuer")
	b.press("Rotate now")
	b.press("Rotate now")
	b.sees("The next key signs now")
	b.shoot("issuer-rotated")

	b.visit(home + "/environments")
	b.press("prod")
	b.press("Delete environment")
	b.sees("is deleted at once and permanently")
	b.fill("confirm", "prod")
	b.press("Delete prod")
	b.sees("The environment prod is deleted.")
}

// home is the path of the organization's pages.
func (s *stand) home() string {
	s.t.Helper()
	o, err := s.control.Organization(s.t.Context(), s.org)
	s.must(err)
	return "/studio/o/" + o.ID
}

// bindAWS makes an environment, runs the command that the page shows, and
// watches the page go on by itself until models can be enabled.
func (s *stand) bindAWS(b *browser, home string) {
	s.t.Helper()
	b.visit(home + "/environments/new")
	b.fill("name", "prod")
	b.fill("region", "us-east-1")
	b.press("Create environment")
	b.sees("Run one command")
	b.sees("Waiting for the role.")
	b.shoot("setup-waiting")
	command := strings.Fields(b.text("#setup-command"))
	if len(command) < 3 || command[0] != "adit" {
		s.t.Fatalf("the page shows the command %q", command)
	}
	s.adit(append(command[1:], "--yes")...)
	b.sees("Choose models")
	b.sees(titanV2)
	b.shoot("setup-models")
	b.press("Enable " + titanV2)
	b.sees("prod/" + titanV2)
}

// play makes vectors in the playground.
func (s *stand) play(b *browser, home string) {
	s.t.Helper()
	b.visit(home + "/playground")
	b.fill("texts", "The cat sleeps on the sofa.\nA kitten naps on the couch.\nInvoices are due in thirty days.")
	b.press("Create embeddings")
	b.sees("3 texts embedded with prod/" + titanV2)
	b.sees("reported by AWS")
	b.shoot("playground")
	b.size(360, 900)
	if over := value[string](b, overflow); over != "" {
		s.t.Errorf("the result scrolls sideways: %s", over)
	}
	b.shoot("playground-360")
	b.size(1440, 1000)
}

// callWithAKey makes a key, calls the API with it as a program would, and sees
// the call in usage and audit.
func (s *stand) callWithAKey(b *browser, home string) {
	s.t.Helper()
	b.visit(home + "/keys/new")
	b.fill("name", "search")
	b.press("Create key")
	b.sees("Copy the key now")
	key := strings.TrimSpace(b.text("#key-secret"))
	status, answer := s.ask("POST", "/v1/embeddings", key, `{"model":"prod/`+titanV2+`","input":"Good morning"}`)
	if status != 200 {
		s.t.Fatalf("the key calls: %d %s", status, answer)
	}
	b.visit(home + "/usage?by=key")
	b.sees("search")
	b.shoot("usage")
	b.visit(home + "/audit")
	b.sees("apikey.create")
	b.sees("sts.exchange")
	b.sees("playground.try")
	b.shoot("audit")
}
