package studio

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// issuerKeys are one of each state that is published.
func issuerKeys() wire.SigningKeys {
	at := func(days int) *time.Time { t := stageNow().AddDate(0, 0, days); return &t }
	return wire.SigningKeys{Issuer: "https://adit.example.com", Items: []wire.SigningKey{
		{KID: "old", Algorithm: "RS256", State: "retiring", Created: *at(-31), Activated: at(-30), Demoted: at(-1), Leaves: at(1)},
		{KID: "now", Algorithm: "RS256", State: "active", Created: *at(-3), Activated: at(-1), Rotates: at(29)},
		{KID: "soon", Algorithm: "ES256", State: "next", Created: *at(-1), Ripens: at(1)},
	}}
}

func TestTheIssuersKeysStandOnALineOfTime(t *testing.T) {
	s := newStage(t, access.Operator)
	s.api.answer("GET /issuer/keys", issuerKeys())
	s.see(s.get("/studio/issuer"), http.StatusOK, "https://adit.example.com/.well-known/openid-configuration", `role="img"`, "in 29 days", "21 Dec 2026, 12:00 UTC",
		`class="active"`, `class="retiring"`, `class="next"`, "signing: 21 Nov 2026, 12:00 to 21 Dec 2026, 12:00 UTC", "published until its last tokens expire: 21 Nov 2026, 12:00 to 23 Nov 2026, 12:00 UTC", "leaves <time", "may sign <time", "rotates <time", "/studio/issuer/keys/now/revoke")
}

func TestAKeyThatMaySignAlreadySaysSinceWhen(t *testing.T) {
	s := newStage(t, access.Operator)
	keys := issuerKeys()
	keys.Items[2].Ripens = pointer(stageNow().Add(-2 * time.Hour))
	s.api.answer("GET /issuer/keys", keys)
	w := s.get("/studio/issuer")
	s.see(w, http.StatusOK, "may sign since <time", ">22 Nov 2026, 10:00 UTC</time>")
	if strings.Contains(w.Body.String(), "2 hours ago") {
		t.Error("what comes next was two hours ago")
	}
}

// The id of a key begins at the left edge, where now is while the oldest key is young.
func TestTheLineOfNowCrossesBarsAndNoWords(t *testing.T) {
	s := newStage(t, access.Operator)
	keys := issuerKeys()
	s.api.answer("GET /issuer/keys", keys)
	body := s.get("/studio/issuer").Body.String()
	spans := regexp.MustCompile(`<line class="now"[^>]* y1="(\d+)" y2="(\d+)"/>`).FindAllStringSubmatch(body, -1)
	if len(spans) != len(keys.Items) {
		t.Fatalf("%d keys have %d lines", len(keys.Items), len(spans))
	}
	words := regexp.MustCompile(`<text[^>]* y="(\d+)"`).FindAllStringSubmatch(body, -1)
	for _, span := range spans {
		for _, word := range words {
			foot := decimalOf(t, word[1]) // letters of 12 pixels reach from 10 above to 3 below it
			if decimalOf(t, span[1]) < foot+3 && decimalOf(t, span[2]) > foot-10 {
				t.Errorf("the line from %s to %s crosses the words at %s", span[1], span[2], word[1])
			}
		}
	}
}

func TestNoBarOfTheLineLeavesIt(t *testing.T) {
	keys := issuerKeys().Items
	for _, rotates := range []time.Time{{}, stageNow().AddDate(0, 0, 29), stageNow().AddDate(0, 0, -2)} {
		for _, row := range newTimeline(keys, stageNow(), rotates).Rows {
			for _, part := range row.Parts {
				x, width := percentOf(t, part.X), percentOf(t, part.Width)
				if x < 0 || x > 100 || width <= 0 || x+width > 100.5 {
					t.Errorf("%s %s: from %v, %v wide", row.Key.KID, part.State, x, width)
				}
			}
		}
	}
	if l := newTimeline(nil, stageNow(), time.Time{}); len(l.Rows) > 0 {
		t.Errorf("of no keys: %+v", l)
	}
}

func percentOf(t *testing.T, s string) float64 {
	t.Helper()
	d, err := time.ParseDuration(strings.TrimSuffix(s, "%") + "s") // a decimal is one
	if err != nil {
		t.Fatal(err)
	}
	return d.Seconds()
}

func TestRevokingSpellsOutWhatItBreaksAndWantsTheKeysID(t *testing.T) {
	s := newStage(t, access.Operator)
	s.api.answer("GET /issuer/keys", issuerKeys())
	s.see(s.get("/studio/issuer/keys/now/revoke"), http.StatusOK, "The next key signs at once", "about an hour", `name="force"`)
	soon := s.get("/studio/issuer/keys/soon/revoke")
	s.see(soon, http.StatusOK, "signed nothing yet")
	if strings.Contains(soon.Body.String(), `name="force"`) {
		t.Error("what needs no force offers it")
	}
	s.see(s.get("/studio/issuer/keys/gone/revoke"), http.StatusNotFound, "No such key is published")
	s.see(s.post("/studio/issuer/keys/now/revoke", url.Values{"confirm": {"old"}}), http.StatusUnprocessableEntity, "not the name")
	s.api.answer("POST /issuer/keys/now/revoke", wire.Revocation{
		KID: "now", Was: "active", At: stageNow(), Promoted: "soon", Unripe: true, TrustedUntil: stageNow().Add(time.Hour), Environments: []string{stageEnv}, EnvironmentsWhy: "only some were looked through", Advice: "Tell them.",
	})
	s.see(s.post("/studio/issuer/keys/now/revoke", url.Values{"confirm": {"now"}, "force": {"on"}}), http.StatusOK, stageEnv, "Tell them.", "may be incomplete", "published only just now")
	if c := s.api.changes(); len(c) != 1 || c[0].Body != `{"force":true}` {
		t.Errorf("changes: %v", c)
	}
}

func TestRotatingTooEarlyIsToldOnThePage(t *testing.T) {
	s := newStage(t, access.Operator)
	keys, ripe := issuerKeys(), stageNow()
	keys.Items[2].Ripens = &ripe
	s.api.answer("GET /issuer/keys", keys)
	s.see(s.get("/studio/issuer/rotate"), http.StatusOK, "The next key starts signing now")
	s.api.refuse("POST /issuer/keys/rotate", wire.Problem{Status: 409, Kind: "invalid", Code: "no_ripe_key", Detail: "the next key is ripe on Tuesday", Remedy: "Wait until then."})
	s.see(s.post("/studio/issuer/rotate", nil), http.StatusUnprocessableEntity, "The next key is ripe on Tuesday.", "Wait until then.")
	s.api.answer("POST /issuer/keys/rotate", issuerKeys())
	if w := s.post("/studio/issuer/rotate", nil); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
}

func TestTheDocumentsComeByteForByte(t *testing.T) {
	s := newStage(t, access.Operator)
	body := "{\"keys\": [ ]\u202E}\n"
	s.api.answer("GET /issuer/documents", wire.Documents{Files: []wire.DocumentFile{{Path: "/.well-known/jwks.json", Body: body}}})
	w := s.get("/studio/issuer/documents/jwks.json")
	if w.Body.String() != body || w.Header().Get("Content-Disposition") != `attachment; filename="jwks.json"` || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%v %q", w.Header(), w.Body)
	}
	s.see(s.get("/studio/issuer/documents/other"), http.StatusNotFound, "no such document")
}

func TestKeysThatCannotBeRotatedYetSayFromWhenOnTheyCan(t *testing.T) {
	s := newStage(t, access.Operator)
	keys := issuerKeys()
	s.api.answer("GET /issuer/keys", keys)
	w := s.get("/studio/issuer/rotate")
	s.see(w, http.StatusOK, "can be rotated from 23 November 2026, 12:00 UTC on (in 24 hours)", "disabled>Rotate now</button>")
	if strings.Contains(w.Body.String(), "Nothing breaks") {
		t.Error("the page says that nothing breaks")
	}
	ripe := stageNow()
	keys.Items[2].Ripens = &ripe
	s.api.answer("GET /issuer/keys", keys)
	s.see(s.get("/studio/issuer/rotate"), http.StatusOK, "Nothing breaks", `primary">Rotate now</button>`)
	s.api.answer("GET /issuer/keys", wire.SigningKeys{Items: keys.Items[:2]})
	s.see(s.get("/studio/issuer/rotate"), http.StatusOK, "no next key is published", "disabled>Rotate now</button>")
}
