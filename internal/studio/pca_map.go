package studio

import (
	"html/template"
	"math"
	"strconv"
	"strings"
)

// pointMap shows texts as points on a plane, as [flatten] lays them out.
type pointMap struct {
	ID    string // unique in its page
	Texts []string
	Flat  flat
}

const (
	mapWidth, mapHeight = 320.0, 320.0
	mapEdge             = 26.0
	mapDot              = 9.0 // the radius of a point
)

// spot is where one or more points are drawn; those that would cover each other share one.
type spot struct {
	x, y  float64
	texts []int
	label caption // of several points
}

// HTML draws the map with both directions in one scale.
func (m pointMap) HTML() template.HTML {
	d := &drawing{}
	d.begin("figure", "class", "chart points")
	d.begin("figcaption")
	d.put("span", "Map", "class", "chart-title")
	d.put("span", "first two principal components", "class", "chart-note")
	d.end()
	d.begin("svg", "class", "point-map", "viewBox", "0 0 320 320", "role", "img", "aria-labelledby", m.ID+"-title "+m.ID+"-desc")
	d.put("title", "Map of the texts", "id", m.ID+"-title")
	spots := m.spots()
	d.put("desc", m.summary(spots), "id", m.ID+"-desc")
	d.put("rect", "", "class", "point-ground", "x", "0.5", "y", "0.5", "width", "319", "height", "319", "rx", "8")
	for _, s := range spots {
		m.drawSpot(d, s)
	}
	d.end()
	d.put("p", m.honesty(), "class", "chart-note")
	d.end()
	return d.html()
}

// spots scales the points into the drawing, and puts together what would overlap.
func (m pointMap) spots() []spot {
	left, right, low, high := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range m.Flat.Points {
		left, right, low, high = min(left, p.X), max(right, p.X), min(low, p.Y), max(high, p.Y)
	}
	scale := 0.0 // of points that are all in one place
	if span := max((right-left)/(mapWidth-2*mapEdge), (high-low)/(mapHeight-2*mapEdge)); span > 0 {
		scale = 1 / span
	}
	var out []spot
	for i, p := range m.Flat.Points {
		x := mapWidth/2 + (p.X-(left+right)/2)*scale
		y := mapHeight/2 - (p.Y-(low+high)/2)*scale
		if at := near(out, x, y); at >= 0 {
			out[at].texts = append(out[at].texts, i)
			continue
		}
		out = append(out, spot{x: x, y: y, texts: []int{i}})
	}
	return labelled(out)
}

// near returns the spot that would cover a point at x and y, or -1.
func near(spots []spot, x, y float64) int {
	for i, s := range spots {
		if math.Hypot(s.x-x, s.y-y) < 1.7*mapDot {
			return i
		}
	}
	return -1
}

func (m pointMap) drawSpot(d *drawing, s spot) {
	d.begin("g", "class", "point")
	titles := make([]string, len(s.texts))
	for i, t := range s.texts {
		titles[i] = strconv.Itoa(t + 1)
		if t < len(m.Texts) {
			titles[i] += ": " + shortened(m.Texts[t], 80)
		}
	}
	d.put("title", strings.Join(titles, "\n"))
	d.put("circle", "", "class", "fill-main", "cx", num(s.x), "cy", num(s.y), "r", num(mapDot))
	if len(s.texts) == 1 {
		d.put("text", strconv.Itoa(s.texts[0]+1), "class", "point-number", "x", num(s.x), "y", num(s.y+3.5), "text-anchor", "middle")
	} else {
		d.put("text", numbers(s.texts, mostNumbers), "class", "point-numbers", "x", num(s.label.x), "y", num(s.label.y+4), "text-anchor", s.label.anchor)
	}
	d.end()
}

// numbers lists texts counted from 1, so many at most.
func numbers(texts []int, most int) string {
	words := make([]string, 0, most)
	for i, t := range texts {
		if i == most {
			return strings.Join(words, ", ") + " …"
		}
		words = append(words, strconv.Itoa(t+1))
	}
	return strings.Join(words, ", ")
}

// honesty says how much of the truth the map has.
func (m pointMap) honesty() string {
	share := strconv.Itoa(int(math.Round(100*m.Flat.Kept))) + "%"
	switch {
	case len(m.Flat.Points) < 2:
		return "One text is a single point. Add more to compare them."
	case m.Flat.Kept < 0.5:
		return "The map shows " + share + " of the variance. Treat distances as a hint and rely on the cosines."
	}
	return "The map shows " + share + " of the variance."
}

func (m pointMap) summary(spots []spot) string {
	said := strconv.Itoa(len(m.Flat.Points)) + " points."
	for _, s := range spots {
		if len(s.texts) > 1 {
			said += " Texts " + numbers(s.texts, len(s.texts)) + " lie together."
		}
	}
	return said + " " + m.honesty()
}
