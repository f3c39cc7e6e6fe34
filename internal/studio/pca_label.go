package studio

import (
	"math"
	"slices"
	"unicode/utf8"
)

const (
	mostNumbers = 5   // that a label shows
	letterWidth = 6.6 // of the widest digit of a label, a little more than it is
	labelHeight = 12.0
)

// caption is where the numbers of a spot with several points stand: beside it,
// for they are wider than a point.
type caption struct {
	x, y   float64 // of the anchor, and of the middle of the line
	anchor string
	width  float64
}

// left is where the label begins.
func (l caption) left() float64 {
	switch l.anchor {
	case "end":
		return l.x - l.width
	case "middle":
		return l.x - l.width/2
	}
	return l.x
}

// inside reports whether the label is within the map.
func (l caption) inside() bool {
	return l.left() >= 2 && l.left()+l.width <= mapWidth-2 && l.y-labelHeight/2 >= 2 && l.y+labelHeight/2 <= mapHeight-2
}

// covers reports whether the label and the point of a spot, or its label, hide each other.
func (l caption) covers(s spot) bool {
	x := max(l.left(), min(s.x, l.left()+l.width)) // the nearest to the point
	y := max(l.y-labelHeight/2, min(s.y, l.y+labelHeight/2))
	if math.Hypot(x-s.x, y-s.y) < mapDot {
		return true
	}
	o := s.label
	return o.anchor != "" && l.left() < o.left()+o.width && o.left() < l.left()+l.width && math.Abs(l.y-o.y) < labelHeight
}

// labelled gives each spot of several points its label where it hides nothing.
// Where there is no such place, the spot takes in the one that is in the way.
func labelled(spots []spot) []spot {
	for {
		from, into := place(spots)
		if from < 0 {
			return spots
		}
		spots[into].texts = append(spots[into].texts, spots[from].texts...)
		slices.Sort(spots[into].texts)
		spots = slices.Delete(spots, from, from+1)
	}
}

// place places all labels. When one finds no room, the spot nearest to it and
// the one that is to take it in are returned; -1 when all have theirs.
func place(spots []spot) (from, into int) {
	for i := range spots {
		spots[i].label = caption{}
	}
	for i, s := range spots {
		if len(s.texts) < 2 {
			continue
		}
		others := slices.Delete(slices.Clone(spots), i, i+1)
		free := func(l caption) bool { return l.inside() && !slices.ContainsFunc(others, l.covers) }
		choices := sides(s)
		at := slices.IndexFunc(choices, free)
		if at < 0 && len(others) > 0 {
			return nearest(spots, i), i
		}
		spots[i].label = choices[max(at, 0)]
	}
	return -1, -1
}

// sides are the places around a spot where its label may stand, the best first.
func sides(s spot) []caption {
	w := letterWidth * float64(utf8.RuneCountInString(numbers(s.texts, mostNumbers)))
	const beside, above = mapDot + 4, mapDot + labelHeight/2 + 2
	right, left := caption{s.x + beside, s.y, "start", w}, caption{s.x - beside, s.y, "end", w}
	if s.x > mapWidth*0.6 {
		right, left = left, right
	}
	return []caption{right, left, {s.x, s.y - above, "middle", w}, {s.x, s.y + above, "middle", w}}
}

// nearest is the spot nearest to one of several.
func nearest(spots []spot, to int) int {
	best, least := -1, math.Inf(1)
	for i, s := range spots {
		if d := math.Hypot(s.x-spots[to].x, s.y-spots[to].y); i != to && d < least {
			best, least = i, d
		}
	}
	return best
}
