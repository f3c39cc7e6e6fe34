// Package budgettest keeps budgets in memory, for the tests of rooms that bound spending.
//
// It does not survive the process, and production code does not import it.
package budgettest
