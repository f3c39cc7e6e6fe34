package studio

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// refusedBudget is a form of a budget that the API refuses with the faults, and
// the words above it.
func refusedBudget(t *testing.T, faults ...wire.FieldError) (page, above string) {
	t.Helper()
	s := budgetStage(t, access.Owner, budgetOf("within", "1"))
	p := wire.Problem{Status: http.StatusUnprocessableEntity, Kind: "invalid", Code: "invalid_input", Detail: "the request has faults", Errors: faults}
	if len(faults) == 1 {
		p.Detail, p.Remedy = faults[0].Message, "Choose another."
	}
	s.api.refuse("POST /organizations/"+stageOrg+"/budgets", p)
	w := s.post(s.org("budgets"), url.Values{"target": {everything}, "period": {"day"}, "soft_usd": {"5"}, "hard_usd": {"4"}})
	s.see(w, http.StatusUnprocessableEntity)
	page = w.Body.String()
	box := regexp.MustCompile(`(?s)role="alert">(.*?)</div>`).FindStringSubmatch(page)
	if box == nil {
		t.Fatalf("nothing is said above the form: %s", page)
	}
	return page, strings.Join(strings.Fields(box[1]), " ")
}

func TestAboveAFormStandLinksToItsMarkedFieldsInTheirOrder(t *testing.T) {
	page, above := refusedBudget(t, wire.FieldError{Location: "body.hard_usd", Message: "too much"}, wire.FieldError{Location: "body.period", Message: "too long"},
		wire.FieldError{Location: "body.hard_usd", Message: "too odd"})
	want := `<p class="said">Check the 2 marked fields: <a href="#field-period">Period</a>, <a href="#field-hard_usd">Hard limit in US dollars</a></p>`
	if d := cmp.Diff(want, above); d != "" {
		t.Error(d)
	}
	for _, part := range []string{`id="field-period" tabindex="-1"`, `id="field-hard_usd"`, `id="field-hard_usd-fault">Too much. Too odd.<`, `id="field-period-fault">Too long.<`} {
		if strings.Count(page, part) != 1 {
			t.Errorf("%s stands %d times on the page", part, strings.Count(page, part))
		}
	}
}

func TestOneMarkedFieldIsNotToldTwice(t *testing.T) {
	page, above := refusedBudget(t, wire.FieldError{Location: "body.soft_usd", Message: "it is too much"})
	if d := cmp.Diff(`<p class="said">Check the marked field: <a href="#field-soft_usd">Soft limit in US dollars</a></p>`, above); d != "" {
		t.Error(d)
	}
	if n := strings.Count(page, "t is too much. Choose another."); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestWhatHasNoFieldIsToldAboveTheFormInWords(t *testing.T) {
	_, above := refusedBudget(t, wire.FieldError{Location: "body.notify_after", Message: "too late"}, wire.FieldError{Location: "body.soft_usd", Message: "too much"})
	want := `<p class="said">Notify after: Too late.</p> <p class="said">Check the marked field: <a href="#field-soft_usd">Soft limit in US dollars</a></p>`
	if d := cmp.Diff(want, above); d != "" {
		t.Error(d)
	}
}
