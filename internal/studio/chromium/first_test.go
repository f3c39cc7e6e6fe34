package chromium

import "testing"

func TestALinkOpensStudio(t *testing.T) {
	s := newStand(t, nil)
	b := s.signedIn()
	b.sees("default")
	b.shoot("home")
}
