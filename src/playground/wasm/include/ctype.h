#ifndef WASM_CTYPE_H
#define WASM_CTYPE_H
int isdigit(int c);
int isxdigit(int c);
int isalpha(int c);
int isalnum(int c);
int isspace(int c);
int isprint(int c);
int isupper(int c);
int tolower(int c);
#endif
