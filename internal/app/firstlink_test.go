package app

import (
	"net/url"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

func TestTheFirstLinkMakesAnOperatorAndIsTheOnlyOne(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	first, err := r.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.FirstLink(t.Context()) // as after another start
	if err != nil || second == first {
		t.Fatalf("the same link, or %v", err)
	}
	for link, good := range map[string]bool{first: false, second: true} {
		u, err := url.Parse(link)
		if err != nil || u.Path != "/studio/link" || !strings.HasPrefix(link, r.StudioURL()) {
			t.Fatalf("the link leads to %s: %v", u.Path, err)
		}
		opened, err := r.state.people.UseLink(t.Context(), u.Query().Get("token"), secret.String{}, signin.Origin{})
		if (err == nil) != good {
			t.Fatalf("works = %v, want %v: %v", err == nil, good, err)
		}
		if good && (len(opened.Person.Roles) != 1 || opened.Person.Roles[0].Role != access.Operator) {
			t.Errorf("it makes somebody with the roles %v", opened.Person.Roles)
		}
	}
	if third, err := r.FirstLink(t.Context()); err != nil || third != "" {
		t.Errorf("a link although somebody was there (%v)", err)
	}
	if strings.Contains(r.log.String(), "adit_link_") {
		t.Error("a link stands in the log")
	}
}
