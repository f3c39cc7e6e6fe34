package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/control/wire"
)

func TestUsageByKeyNamesEveryKindOfCaller(t *testing.T) {
	const in = "/api/v1/organizations/org_1"
	answers := map[string]any{
		"/api/v1/whoami":          wire.WhoAmI{Organization: "org_1", Permissions: []string{"usage.read"}},
		"/api/v1/organizations":   wire.Page[wire.Organization]{Items: []wire.Organization{{ID: "org_1", Name: "research"}}},
		in + "/usage":             wire.Usage{Items: []wire.UsageSum{{Key: "key_1"}, {Key: "tru_1"}, {Key: "usr_1"}, {Key: "usr_2"}, {Key: "usr_gone"}}},
		in + "/keys":              wire.Page[wire.Key]{Items: []wire.Key{{ID: "key_1", Name: "search"}}},
		in + "/trusted-issuers":   wire.Page[wire.TrustedIssuer]{Items: []wire.TrustedIssuer{{ID: "tru_1", Name: "ci"}}},
		in + "/members":           wire.Page[wire.Person]{Items: []wire.Person{{ID: "usr_1", Name: "Ann"}}},
		"/api/v1/operator/people": wire.Page[wire.Person]{Items: []wire.Person{{ID: "usr_2", Name: "Root"}}},
		in + "/environments":      wire.Page[wire.Environment]{},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusForbidden)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	d := &desk{t: t, environ: []string{"ADIT_SERVER=" + s.URL, "ADIT_API_KEY=adit_test"}}
	shown := d.adit("usage", "--by", "key").exits(0).says("search", "ci", "Ann", "Root", "usr_gone")
	if strings.Contains(shown.out, "usr_1") {
		t.Error(shown.out)
	}
	// Who may not read them sees ids.
	delete(answers, in+"/members")
	delete(answers, "/api/v1/operator/people")
	d.adit("usage", "--by", "key").exits(0).says("search", "ci", "usr_1", "usr_2")
}
