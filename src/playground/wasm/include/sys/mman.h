/* Nothing: memory is what the page gives. */
