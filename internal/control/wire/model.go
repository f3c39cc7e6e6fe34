package wire

import "time"

// Models are what an environment's account offers in its region.
type Models struct {
	Items []Model `json:"items" nullable:"false"`
	// Warnings are lists that AWS refused; the others are whole all the same.
	Warnings   []ModelWarning `json:"warnings" nullable:"false"`
	Read       time.Time      `json:"read" doc:"When AWS was asked"`
	AgeSeconds int            `json:"age_seconds" doc:"How long ago that was"`
}

// ModelWarning is a list that could not be read.
type ModelWarning struct {
	Operation string `json:"operation" doc:"AWS's name for the call"`
	Message   string `json:"message" doc:"What is missing, and what to do"`
	Code      string `json:"aws_code,omitempty"`
	Said      string `json:"aws_message,omitempty"`
	RequestID string `json:"aws_request_id,omitempty"`
}

// Model is one thing that can be invoked.
type Model struct {
	ID           string     `json:"id" doc:"The id to invoke it by"`
	Name         string     `json:"name,omitempty"`
	Provider     string     `json:"provider,omitempty"`
	Kind         string     `json:"kind" doc:"foundation, system-profile, application-profile, custom or provisioned"`
	Base         []string   `json:"base,omitempty" doc:"The foundation models behind it"`
	Input        []string   `json:"input_modalities,omitempty"`
	Output       []string   `json:"output_modalities,omitempty"`
	Lifecycle    string     `json:"lifecycle,omitempty"`
	EndOfLife    *time.Time `json:"end_of_life,omitempty"`
	Access       string     `json:"access,omitempty" doc:"Whether the account may use it: granted, agreement-needed, agreement-pending, not-authorized, not-in-region or unknown"`
	AccessWhy    string     `json:"access_why,omitempty"`
	Why          string     `json:"why,omitempty" doc:"Why it cannot be invoked as it is"`
	Destinations []string   `json:"destination_regions,omitempty"`
	Embeds       bool       `json:"embeds" doc:"Adit can embed with it"`
	Enabled      bool       `json:"enabled" doc:"Callers may use it"`
	InvokeName   string     `json:"invoke_name,omitempty" doc:"Its name for /v1, once it is enabled"`
}

// ModelInput names a model.
type ModelInput struct {
	Model string `json:"model" minLength:"1" maxLength:"2048" doc:"A Bedrock model id, profile id or ARN"`
}

// ModelChange is what enabling or disabling a model came to.
type ModelChange struct {
	Environment Environment `json:"environment"`
	Changed     bool        `json:"changed" doc:"False if nothing changed"`
	// Advice is what else must be done, such as the setup command for a role
	// whose policy does not have the model yet; "" when nothing.
	Advice string `json:"advice,omitempty"`
}
