package chromium

import (
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

// outOfColumn names the texts of lists drawn as cards that stand outside of the
// column of their card's values.
const outOfColumn = `[...document.querySelectorAll("table.cards td[data-label]")].flatMap(td => {
	const from = td.getBoundingClientRect().left + parseFloat(getComputedStyle(td, "::before").width);
	const texts = document.createTreeWalker(td, NodeFilter.SHOW_TEXT), out = [];
	for (let text; text = texts.nextNode();) {
		const range = document.createRange();
		range.selectNodeContents(text);
		if (text.data.trim() && [...range.getClientRects()].some(r => r.width > 0 && (r.left < from || r.right > td.getBoundingClientRect().right + 1))) out.push(td.dataset.label + ": " + text.data.trim());
	}
	return out;
}).join("; ")`

func TestOnAPhoneTheValuesOfACardStandInOneColumn(t *testing.T) {
	s := newStand(t, nil)
	s.furnished()
	b := s.signedIn()
	b.size(360, 900)
	for _, path := range []string{"/keys", "/models", "/audit", "/trusted-issuers", "/environments"} {
		b.visit(s.home() + path)
		b.settled()
		b.shoot("phone" + strings.ReplaceAll(path, "/", "-"))
		if out := value[string](b, outOfColumn); out != "" {
			t.Errorf("%s: %s", path, out)
		}
	}
	b.visit("/studio/issuer")
	b.shoot("phone-issuer")
	if out := value[string](b, outOfColumn) + value[string](b, overflow); out != "" {
		t.Errorf("issuer: %s", out)
	}
}

func TestALongNameBreaksInTheTrailToo(t *testing.T) {
	s := newStand(t, nil)
	k, err := s.control.CreateKey(t.Context(), "default", wire.KeyInput{Name: strings.Repeat("W", 100)})
	s.must(err)
	b := s.signedIn()
	b.size(360, 900)
	b.visit(s.home() + "/keys/" + k.Key.ID + "/revoke")
	b.shoot("phone-long-name")
	if over := value[string](b, overflow); over != "" {
		t.Errorf("the page scrolls sideways: %s", over)
	}
}

func TestTheDetailsOfAnEventHaveRoomOnADesk(t *testing.T) {
	s := newStand(t, nil)
	s.furnished()
	b := s.signedIn()
	b.visit(s.home() + "/audit?action=sts.exchange")
	b.click(".audit-details summary")
	b.shoot("audit-details-1440")
	const high = `document.querySelector(".audit-more").getBoundingClientRect().height`
	if h := value[float64](b, high); h < 50 || h > 450 {
		t.Errorf("the details are %v pixels high", h)
	}
	if value[bool](b, `(e => e.scrollWidth > e.clientWidth)(document.querySelector(".scroll:has(> .audit-table)"))`) {
		t.Error("the table scrolls sideways")
	}
	b.colours("dark")
	b.shoot("audit-details-1440-dark")
	b.size(360, 900)
	b.shoot("audit-details-360-dark")
	b.colours("light")
	b.shoot("audit-details-360")
	if over := value[string](b, overflow); over != "" {
		t.Errorf("the page scrolls sideways on a phone: %s", over)
	}
	b.click(".audit-details summary")
	if h := value[float64](b, high); h != 0 {
		t.Errorf("closed, the details are still %v pixels high", h)
	}
}

func TestAFormLeadsFromItsTopToTheFieldsWithFaults(t *testing.T) {
	s := newStand(t, nil)
	_, err := s.control.CreateKey(t.Context(), "default", wire.KeyInput{Name: "search"})
	s.must(err)
	b := s.signedIn()
	b.expect("422")
	b.visit(s.home() + "/keys/new")
	b.fill("name", "search")
	b.fill("tags", "bad")
	b.fill("expires", time.Now().AddDate(-1, 0, 0).Format(time.DateOnly))
	b.press("Create key")
	b.sees("Check the 3 marked fields: Name, Tags, Expires")
	for _, look := range []struct {
		width  int64
		scheme string
		name   string
	}{{1440, "light", "faults-1440"}, {1440, "dark", "faults-1440-dark"}, {360, "dark", "faults-360-dark"}, {360, "light", "faults-360"}} {
		b.size(look.width, 900)
		b.colours(look.scheme)
		b.shoot(look.name)
	}
	b.press("Tags")
	b.until("have the field in focus", `() => document.activeElement.name === "tags"`)
}
