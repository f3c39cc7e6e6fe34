package price

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/adit-hq/adit/internal/model"
)

// Where a row comes from.
const (
	BuiltIn  = "built-in"
	Operator = "operator"
)

// Date is of when the built-in prices are: those on demand in us-east-1, from
// public price tables that agree. AWS's price page decides, and other regions
// may cost something else.
const Date = "2026-09-30"

// Row is what AWS charges for the input of a model.
type Row struct {
	// Model is a model's own id for all ways to call it, an inference profile's id
	// for that profile alone, or the ARN of what hides its model.
	Model string
	// Region is where the price holds; "" where no other row of the model does.
	Region string
	// PerMillion is what a million tokens cost, in billionths of a US dollar.
	PerMillion int64
	// Source is [BuiltIn] or [Operator].
	Source string
	// Date is of when the price is, as 2026-09-30.
	Date string
}

// Table is the prices that are known. It never changes; the zero Table knows none.
type Table struct {
	rows []Row
	// of has the rows of a model by region.
	of map[string]map[string]Row
}

// Builtin returns the prices that are compiled in.
func Builtin() Table {
	var rows []Row
	for _, f := range model.Families() {
		// The shortest decimal that is this float is the one in the source.
		price, err := ParseUSD(strconv.FormatFloat(f.USDPerMillionTokens, 'f', -1, 64))
		if err != nil {
			continue // TestEveryFamilyHasAPrice holds that there is none
		}
		for _, id := range f.IDs {
			rows = append(rows, Row{Model: id, PerMillion: price, Source: BuiltIn, Date: Date})
		}
	}
	return New(rows)
}

// New returns the table of the rows; of two for one model and region the later counts.
func New(rows []Row) Table {
	t := Table{of: map[string]map[string]Row{}}
	last := map[[2]string]Row{}
	for _, r := range rows {
		last[[2]string{r.Model, r.Region}] = r
		if t.of[r.Model] == nil {
			t.of[r.Model] = map[string]Row{}
		}
		t.of[r.Model][r.Region] = r
	}
	for _, r := range last {
		t.rows = append(t.rows, r)
	}
	slices.SortFunc(t.rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Region, b.Region))
	})
	return t
}

// Date returns of when the built-in prices are; each row has a date of its own.
func (t Table) Date() string { return Date }

// Rows returns the prices in order of model and region.
func (t Table) Rows() []Row { return slices.Clone(t.rows) }

// Cost returns what a number of tokens costs in a region, in billionths of a US
// dollar: tokens times price, rounded once, a half up; what no int64 holds is
// the greatest. It takes an id as InvokeModel does: a model's own, one with a
// geography in front, an ARN. Not known are models without a row, and ARNs that
// hide their model or are billed by the hour, unless a row names that very ARN.
func (t Table) Cost(modelID, region string, tokens int64) (billionths int64, known bool) {
	price, known := t.PerMillion(modelID, region)
	if !known {
		return 0, false
	}
	return times(price, tokens), true
}

// PerMillion returns what a million tokens cost in a region, in billionths of a
// US dollar: the price of the [Table.Nearest] row.
func (t Table) PerMillion(modelID, region string) (billionths int64, known bool) {
	row, known := t.Nearest(modelID, region)
	return row.PerMillion, known
}

// Nearest returns the row that counts for a model in a region: that of the very
// id before that of its model, and of each that of the region before the one of
// all regions.
func (t Table) Nearest(modelID, region string) (row Row, known bool) {
	if row, known := t.row(modelID, region); known {
		return row, true
	}
	id, err := model.ParseID(modelID)
	if err != nil {
		return Row{}, false
	}
	if a, isARN := id.ARN(); isARN && !plainARN(a) {
		return Row{}, false
	}
	if g := id.Geography(); g != "" {
		if row, known := t.row(g+"."+id.Base(), region); known {
			return row, true
		}
	}
	return t.row(id.Base(), region)
}

// plainARN reports whether an ARN is another spelling of a model's or
// inference profile's id. A custom model tells its base, but not its price.
func plainARN(a model.ARN) bool {
	return a.Type == "foundation-model" || a.Type == "inference-profile"
}

func (t Table) row(name, region string) (row Row, known bool) {
	regions := t.of[name]
	if row, known = regions[region]; !known {
		row, known = regions[""]
	}
	return row, known
}

// times returns tokens times the price of a million, in whole billionths.
func times(perMillion, tokens int64) int64 {
	const million = 1_000_000
	if tokens <= 0 || perMillion <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(tokens), uint64(perMillion))
	lo, carry := bits.Add64(lo, million/2, 0)
	hi += carry
	if hi >= million {
		return math.MaxInt64
	}
	n, _ := bits.Div64(hi, lo, million)
	return int64(min(n, math.MaxInt64))
}
