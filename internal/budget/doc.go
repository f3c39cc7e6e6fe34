// Package budget knows how much may be spent: by a caller, in an environment or
// in an organization, a day or a month (UTC). A soft bound warns; a hard one
// refuses until the day or month is over.
//
// What is spent comes from usage's sums and from what this replica has seen
// since; other replicas' spending is known seconds later. A bound is judged
// before a request with what was spent by then, so requests under way may go
// over it.
//
// The package does not know prices, routes or where budgets are kept.
package budget
