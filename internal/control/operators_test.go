package control

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/signin"
)

const operatorPeople = base + "/operator/people"

func TestOperatorsAreListedSignedOutAndRemovedByOperators(t *testing.T) {
	w := newWorld()
	w.people = append(w.people, signin.Person{ID: "usr_zoe", Name: "Zoe", Roles: []signin.Membership{{Organization: ours, Role: access.Owner}, {Role: access.Operator}}})
	h := New(w.settings())
	var seen []string
	for next, more := "", true; more; more = next != "" {
		page := read[wire.Page[wire.Person]](t, ask(t, h, "operator", "GET", operatorPeople+"?sort=-name&limit=1&cursor="+next, ""), http.StatusOK)
		for _, p := range page.Items {
			seen = append(seen, p.ID)
		}
		next = page.Next
	}
	if d := cmp.Diff([]string{"usr_zoe", operatorPerson}, seen); d != "" {
		t.Error(d)
	}
	if one := read[wire.Person](t, ask(t, h, "operator", "GET", operatorPeople+"/"+operatorPerson, ""), http.StatusOK); one.Login != "root" {
		t.Errorf("%+v", one)
	}
	for method, path := range map[string]string{"POST": "/sign-out", "DELETE": ""} {
		if out := ask(t, h, "operator", method, operatorPeople+"/"+operatorPerson+path, ""); out.Code != http.StatusNoContent {
			t.Errorf("%s: %d %s", method, out.Code, out.Body)
		}
	}
	if len(w.changes) != 2 {
		t.Errorf("%q was done", w.changes)
	}
}

func TestAMemberWhoIsNoOperatorIsNotThereAmongThem(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	for method, path := range map[string]string{"POST": "/sign-out", "DELETE": "", "GET": ""} {
		for _, id := range []string{ourPerson, "usr_ffffffffffffffffffffffff"} {
			p := told(t, ask(t, h, "operator", method, operatorPeople+"/"+id+path, ""))
			if p.Status != http.StatusNotFound || p.Detail != "there is no such operator" || len(w.changes) > 0 {
				t.Errorf("%s of %s: %+v, done %q", method, id, p, w.changes)
			}
		}
	}
}
