package wire

import "time"

// Budget is a bound of what may be spent.
type Budget struct {
	ID           string `json:"id" example:"bud_4c3d2e1f0a9b5f0c2d1e9a7b"`
	Organization string `json:"organization" doc:"Its organization's id"`
	Target       string `json:"target,omitempty" doc:"Id of an environment, API key, trusted issuer or person; absent: the whole organization"`
	TargetName   string `json:"target_name,omitempty"`
	Period       string `json:"period" enum:"day,month"`
	SoftUSD      string `json:"soft_usd,omitempty" doc:"Amount in US dollars from which it warns, as a decimal" example:"40"`
	HardUSD      string `json:"hard_usd,omitempty" doc:"Amount in US dollars from which requests are refused with 429" example:"50"`

	SpentUSD string    `json:"spent_usd" doc:"In this day or month"`
	State    string    `json:"state" enum:"within,warning,exceeded"`
	Ends     time.Time `json:"ends" doc:"When this day or month ends"`
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
	Version  int64     `json:"version" doc:"Increases with every change"`
}

// BudgetInput makes one. At least one of the bounds is needed.
type BudgetInput struct {
	Target  string `json:"target,omitempty" doc:"Id of an environment, API key, trusted issuer or person, or an environment's or key's name; absent: the whole organization"`
	Period  string `json:"period" enum:"day,month"`
	SoftUSD string `json:"soft_usd,omitempty"`
	HardUSD string `json:"hard_usd,omitempty"`
}

// BudgetPatch changes what it names; "" takes a bound away.
type BudgetPatch struct {
	SoftUSD *string `json:"soft_usd,omitempty"`
	HardUSD *string `json:"hard_usd,omitempty"`
}

// Prices is the table by which costs are counted.
type Prices struct {
	// Date is that of the table which is compiled in; rows of the operator have their own source.
	Date  string  `json:"date" example:"2026-09-30"`
	Items []Price `json:"items" nullable:"false"`
}

// Price is what AWS charges for the input of a model.
type Price struct {
	Model               string `json:"model" doc:"Bedrock model id"`
	Region              string `json:"region,omitempty" doc:"Absent: every region without its own row"`
	USDPerMillionTokens string `json:"usd_per_million_tokens" example:"0.02"`
	Source              string `json:"source" doc:"built-in, or operator"`
	Date                string `json:"date,omitempty" doc:"Date of the price" example:"2026-09-30"`
}
