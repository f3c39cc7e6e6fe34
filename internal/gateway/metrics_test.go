package gateway_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/gateway"
)

// scraped returns the lines that Prometheus would read of one metric.
func (r *rig) scraped(metric string) string {
	answer := httptest.NewRecorder()
	r.metrics.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	var found []string
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, metric) {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}

func TestEveryModelTellsWhenItsOwnCredentialsExpire(t *testing.T) {
	const gauge = "adit_credential_expiry_timestamp_seconds"
	inVirtualTime(t, func(r *rig) {
		first := r.model("a", titan, documented, nil)
		r.keys.expires = time.Unix(1_900_000_000, 0)
		r.keys = &keys{key: r.keys.key, expires: time.Unix(1_800_000_000, 0)}
		r.knowAccount(account)
		r.set(first, r.model("b", titan, documented, nil))
		r.Prepare(r.t.Context(), caller.Local())
		if got, want := r.scraped(gauge), gauge+"{model=\"a\"} 1.9e+09\n"+gauge+"{model=\"b\"} 1.8e+09\n"; got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
		r.keys.expires = time.Unix(1_850_000_000, 0)
		r.Ready(r.t.Context(), caller.Local())
		r.set(r.model("b", titan, documented, nil))
		if got, want := r.scraped(gauge), gauge+"{model=\"b\"} 1.85e+09\n"; got != want {
			t.Errorf("after a refresh and a reload: %s\nwant\n%s", got, want)
		}
	})
}

func TestModelsThatCannotBeSetChangeNothing(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("titan", titan, documented, nil))
		if _, err := r.ask("titan", "a"); err != nil {
			t.Fatal(err)
		}
		faulty := r.model("other", titan, documented, map[string]string{"dimensions": "7"})
		if err := r.SetModels([]gateway.Model{faulty}); err == nil {
			t.Fatal("a model with 7 dimensions is in force")
		}
		if got := r.scraped("adit_texts_total"); !strings.Contains(got, `{model="titan"} 1`) || strings.Contains(got, "other") {
			t.Errorf("%s", got)
		}
	})
}
