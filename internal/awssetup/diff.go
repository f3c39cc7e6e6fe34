package awssetup

import "strings"

// Difference is one thing that a step changes.
type Difference struct {
	// What it is, such as "trust policy" or "tag team".
	What string `json:"what"`
	// Lines are the text before and after: those that go, those that come, and
	// those that stay around them.
	Lines []Line `json:"lines"`
}

// Line is one line of a difference.
type Line struct {
	// Mark is "-" for a line that goes, "+" for one that comes, " " for one that stays.
	Mark string `json:"mark"`
	Text string `json:"text"`
}

// String shows the difference as a diff.
func (d Difference) String() string {
	var b strings.Builder
	b.WriteString(d.What + "\n")
	for _, l := range d.Lines {
		b.WriteString(l.Mark + " " + l.Text + "\n")
	}
	return b.String()
}

// compare returns the lines of before and after; "" has none. Policies are a
// hundred lines, so the plain table of longest common parts will do.
func compare(what, before, after string) Difference {
	a, b := splitLines(before), splitLines(after)
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	d := Difference{What: what}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			d.Lines = append(d.Lines, Line{" ", a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			d.Lines = append(d.Lines, Line{"-", a[i]})
			i++
		default:
			d.Lines = append(d.Lines, Line{"+", b[j]})
			j++
		}
	}
	return d
}

func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
