/**
 * The functions about addresses and names that are no system calls: libc does them by itself, and their pages are in section 3.
 */
const LIBRARY = new Set(
  `getaddrinfo freeaddrinfo gai_strerror getaddrinfo_a gai_suspend gai_error gai_cancel
  getnameinfo
  gethostbyname gethostbyname2 gethostbyaddr gethostent sethostent endhostent herror hstrerror gethostbyname_r gethostbyname2_r gethostbyaddr_r
  getservbyname getservbyport getservent setservent endservent getservbyname_r getservbyport_r
  getprotobyname getprotobynumber getprotoent setprotoent endprotoent getprotobyname_r getprotobynumber_r
  getnetbyname getnetbyaddr getnetent setnetent endnetent
  getifaddrs freeifaddrs
  if_nametoindex if_indextoname
  if_nameindex if_freenameindex
  inet_pton
  inet_ntop
  inet_aton inet_addr inet_network inet_ntoa inet_makeaddr inet_lnaof inet_netof
  inet_net_pton inet_net_ntop
  htons htonl ntohs ntohl
  sockatmark
  rcmd rresvport ruserok rexec bindresvport getrpcbyname
  perror strerror strerror_r`.split(/\s+/),
);

/** The manual page that explains a function of C: "man 2 bind", "man 3 getaddrinfo". */
export function manualOf(name: string): string {
  return `man ${LIBRARY.has(name) ? 3 : 2} ${name}`;
}
