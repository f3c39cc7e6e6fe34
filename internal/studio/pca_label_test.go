package studio

import (
	"testing"

	"pgregory.net/rapid"
)

func TestALabelOfSeveralPointsIsHiddenByNoOther(t *testing.T) {
	// Texts 1 and 5 lie together, 2 right beside them where their label would be.
	m := pointMap{ID: "m", Flat: flat{Points: []point{{X: 0, Y: 0}, {X: 0.14, Y: 0}, {X: 1, Y: 1}, {X: -1, Y: -1}, {X: 0.001, Y: 0}}}}
	unhidden(t, m.spots())
	if n := len(m.spots()); n != 4 {
		t.Errorf("%d spots: there was room beside the two", n)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Float64Range(-1, 1)
		var m pointMap
		for range rapid.IntRange(1, 32).Draw(t, "points") {
			m.Flat.Points = append(m.Flat.Points, point{X: at.Draw(t, "x"), Y: at.Draw(t, "y") * 0.2})
		}
		spots := m.spots()
		unhidden(t, spots)
		n := 0
		for _, s := range spots {
			n += len(s.texts)
		}
		if n != len(m.Flat.Points) {
			t.Fatalf("%d of %d points are on the map", n, len(m.Flat.Points))
		}
	})
}

// fails is a test of either kind.
type fails interface {
	Helper()
	Errorf(format string, args ...any)
}

// unhidden fails where a label and another spot's point or label hide each other.
func unhidden(t fails, spots []spot) {
	t.Helper()
	for i, s := range spots {
		for j, other := range spots {
			if i != j && s.label.anchor != "" && s.label.covers(other) {
				t.Errorf("the label of %v hides %v", s, other)
			}
		}
		if len(s.texts) > 1 && !s.label.inside() && len(spots) > 1 {
			t.Errorf("the label of %v is out of the map", s)
		}
	}
}
