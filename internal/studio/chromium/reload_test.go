package chromium

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestLoadingThePageOfANewSecretAgainRotatesNothing(t *testing.T) {
	s := newStand(t, nil)
	b := s.signedIn()
	b.expect("409") // what a page is that comes a second time
	b.visit(s.home() + "/keys/new")
	b.fill("name", "search")
	b.press("Create key")
	b.sees("It is shown only once")
	b.do("load the page again", chromedp.Reload())
	b.sees("This was already created; the secret is shown once.")
	page, err := s.control.KeyPage(t.Context(), "default", client.List{})
	s.must(err)
	var key wire.Key
	for _, k := range page.Items {
		if k.Name == "search" {
			key = k
		}
	}
	b.visit(s.home() + "/keys/" + key.ID + "/rotate")
	b.press("Rotate key")
	b.sees("The previous secret works until")
	rotated, err := s.control.Key(t.Context(), "default", key.ID)
	s.must(err)
	b.do("load the page again", chromedp.Reload())
	b.sees("This was already created; the secret is shown once.")
	b.sees("Rotate the key if you have lost it.")
	again, err := s.control.Key(t.Context(), "default", key.ID)
	s.must(err)
	if len(page.Items) == 0 || again.Version != rotated.Version || len(again.Secrets) != 2 {
		t.Errorf("version %d with %d secrets became %d with %d", rotated.Version, len(rotated.Secrets), again.Version, len(again.Secrets))
	}
}

func TestAPageSaysThatTheServerIsAwayUntilItIsBack(t *testing.T) {
	s := newStand(t, nil)
	e, err := s.control.CreateEnvironment(t.Context(), "default", wire.EnvironmentInput{Name: "prod", Region: "us-east-1", RoleARN: "arn:aws:iam::111122223333:role/prod"})
	s.must(err)
	b := s.signedIn()
	b.visit(s.home() + "/environments/" + e.ID + "/setup")
	b.until("see the part that is repeated", `() => document.querySelector("[data-every]")`)
	const words = "No connection to Adit; trying again"
	for _, away := range []string{
		`async () => { throw new TypeError("away"); }`,
		`async () => new Response("<h1>Bad gateway</h1>", {status: 502})`,
	} {
		value[int](b, `window.there ||= window.fetch; window.fetch = `+away+`; 0`)
		b.sees(words)
		value[int](b, `window.fetch = window.there; 0`)
		b.until("see no more of it", `(words) => !document.body.innerText.includes(words) && !document.body.innerText.includes("Bad gateway")`, words)
	}
}
