package studio

import (
	"cmp"
	"slices"

	"github.com/adit-hq/adit/internal/control/wire"
)

// usageRow is one sum as the table draws it.
type usageRow struct {
	Name string // what people call it
	ID   string // what it is, where that says more
	Link string // the query that narrows the page to it; "" for none
	Sum  wire.UsageSum
	// Amounts are written once all rows are known.
	Amounts usageAmounts
}

// usageRows are the sums in the order in which people look at them: time as it
// ran, latest first, and all else by what it cost.
func usageRows(sums []wire.UsageSum, a usageAsk, n *names) []usageRow {
	rows := make([]usageRow, 0, len(sums))
	for _, s := range sums {
		if s.Counts == (wire.Counts{}) {
			continue
		}
		r := usageRow{Sum: s}
		switch a.Group {
		case "environment":
			r.Name, r.ID, r.Link = cmp.Or(n.Of(s.Environment), s.Environment, "spicepod.yaml, no environment"), s.Environment, s.Environment
		case "model":
			r.Name, r.Link = cmp.Or(s.Model, "unknown"), s.Model
		case "key":
			r.Name, r.ID, r.Link = cmp.Or(n.Of(s.Key), s.Key, "unknown"), s.Key, s.Key
		case "tag":
			r.Name = cmp.Or(s.Tag, "not tagged")
		default:
			r.Name = a.momentOf(s)
		}
		rows = append(rows, r)
	}
	if a.Group == "" {
		slices.Reverse(rows)
		return rows
	}
	slices.SortStableFunc(rows, func(x, y usageRow) int {
		return cmp.Or(cmp.Compare(nanoCost(y.Sum.Counts), nanoCost(x.Sum.Counts)), cmp.Compare(y.Sum.Counts.Requests, x.Sum.Counts.Requests))
	})
	return rows
}

// withAmounts writes the amounts of the rows, and returns those of the total below them.
func withAmounts(rows []usageRow, total wire.Counts) usageAmounts {
	lines := make([]wire.Counts, 0, len(rows)+1)
	for _, r := range rows {
		lines = append(lines, r.Sum.Counts)
	}
	amounts := amountsOf(append(lines, total))
	for i := range rows {
		rows[i].Amounts = amounts[i]
	}
	return amounts[len(rows)]
}

// momentOf names the hour or day of a sum.
func (a usageAsk) momentOf(s wire.UsageSum) string {
	switch {
	case s.Hour != nil:
		return s.Hour.UTC().Format("2 Jan 2006, 15:04")
	case s.Day != nil:
		return s.Day.UTC().Format("2 Jan 2006")
	}
	return ""
}

// usageHeading is what the first column of the table has.
func usageHeading(a usageAsk) string {
	switch a.Group {
	case "environment":
		return "Environment"
	case "model":
		return "Model"
	case "key":
		return "Caller"
	case "tag":
		return "Tag " + clip(40, a.Tag)
	}
	if a.step() == "day" {
		return "Day (UTC)"
	}
	return "Hour (UTC)"
}
