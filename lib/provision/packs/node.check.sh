have node && have npm
