package ident_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/ident"
)

func TestIdentifiersAreFreshAndPassTheirOwnCheck(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := ident.New(ident.Request)
		if err := ident.Check(ident.Request, id); err != nil {
			t.Fatal(err)
		}
		if seen[id] {
			t.Fatalf("%s came twice", id)
		}
		seen[id] = true
	}
}

func TestForeignStringsAreNoIdentifiers(t *testing.T) {
	good := ident.New(ident.Request)
	for _, s := range []string{"", "req_", "req", good[:len(good)-1], good + "00", "err" + good[3:], "req_5F0C2D1E9A7B4C3D2E1F0A9B", "req_zzzzzzzzzzzzzzzzzzzzzzzz"} {
		if err := ident.Check(ident.Request, s); err == nil {
			t.Errorf("Check(%q) passed", s)
		}
	}
}
