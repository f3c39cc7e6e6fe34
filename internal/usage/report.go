package usage

import (
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// By says what a report is grouped by. The zero value groups everything into one.
type By struct {
	// Hour and Day group by time; of both, Hour counts. Days are UTC's.
	Hour, Day                             bool
	Organization, Environment, Model, Key bool
	// Tag is the name of a tag by whose value the sums are told apart; "" for none.
	Tag string
}

// ParseBy reads names such as "day,model": hour or day, organization,
// environment, model, key, parted by commas. None is the zero By.
func ParseBy(text string) (By, error) {
	var by By
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch word {
		case "hour":
			by.Hour = true
		case "day":
			by.Day = true
		case "organization":
			by.Organization = true
		case "environment":
			by.Environment = true
		case "model":
			by.Model = true
		case "key":
			by.Key = true
		default:
			return By{}, fault.New(fault.Invalid, "usage cannot be grouped by %.40q", word).WithParam("query.by").WithCode("invalid_input").
				WithRemedy("Group by hour or day, organization, environment, model and key, parted by commas.")
		}
	}
	if by.Hour && by.Day {
		return By{}, fault.New(fault.Invalid, "usage is grouped by hour or by day, not by both").WithParam("query.by").WithCode("invalid_input").
			WithRemedy("Leave one of them out.")
	}
	return by, nil
}

// Rollup adds the records up by what is asked for, in order of time,
// organization, environment, model and key. What they are not grouped by is
// zero in the answer; Hour is the beginning of the hour or day.
func Rollup(records []Record, by By) []Record {
	sums := map[name]Counts{}
	for _, r := range records {
		n := by.name(r)
		sum := sums[n]
		sum.add(r.Counts)
		sums[n] = sum
	}
	names := make([]name, 0, len(sums))
	for n := range sums {
		names = append(names, n)
	}
	slices.SortFunc(names, name.compare)
	out := make([]Record, len(names))
	for i, n := range names {
		out[i] = n.record(sums[n])
		if !by.Hour && !by.Day {
			out[i].Hour = time.Time{}
		}
	}
	return out
}

// Total adds all records up.
func Total(records []Record) Counts {
	var sum Counts
	for _, r := range records {
		sum.add(r.Counts)
	}
	return sum
}

func (by By) name(r Record) name {
	var n name
	switch {
	case by.Hour:
		n.hour = r.Hour.Unix()
	case by.Day:
		n.hour = r.Hour.UTC().Truncate(24 * time.Hour).Unix()
	}
	if by.Organization {
		n.organization = r.Organization
	}
	if by.Environment {
		n.environment = r.Environment
	}
	if by.Model {
		n.model = r.Model
	}
	if by.Key {
		n.key = r.Key
	}
	return n
}

func (c *Counts) add(d Counts) {
	c.Requests += d.Requests
	c.Texts += d.Texts
	c.Tokens += d.Tokens
	c.Estimated += d.Estimated
	c.Errors += d.Errors
	c.Throttles += d.Throttles
}
