package app

import (
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

func TestALinkEndsWithTheAPIKeyThatMadeIt(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	server := access.By{Principal: access.System()}
	k, _, err := r.state.keys.Create(t.Context(), server, access.Input{Name: "onboarding", Roles: []access.Role{access.Operator}})
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := r.state.people.MakeLink(t.Context(), access.By{Principal: access.Principal{Key: k}}, "ada", []signin.Membership{{Role: access.Operator}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.state.people.LinkOf(t.Context(), token.Reveal()); err != nil {
		t.Fatalf("it does not work while the key does: %v", err)
	}
	if err := r.state.keys.Revoke(t.Context(), server, "", k.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.state.people.LinkOf(t.Context(), token.Reveal()); err == nil || fault.From(err).Code != "link_ended" {
		t.Errorf("the key is revoked, and its link: %v", err)
	}
}
