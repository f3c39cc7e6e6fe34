package awssetup

// What tests see of the quoting, besides what whole documents show.
var (
	HCLText    = hclText
	ShellText  = shellText
	Substitute = substitute
)

// AccountPlace stands for the account's id in a text.
const AccountPlace = account
