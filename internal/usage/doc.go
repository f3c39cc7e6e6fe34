package usage
